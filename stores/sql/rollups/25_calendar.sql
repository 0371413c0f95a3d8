-- Workdays passed by each day since the first that a transfer names, three years back at most; Monday to Friday where no calendar was handed over.
with recursive days(day) as (
    select coalesce(
        greatest(
            least(cast(min(step_entered_at) as date), min(applied_on), min(letter_issued_on)),
            cast(max(r.as_of) - interval '3 year' as date)
        ),
        max(r.as_of)
    )
    from transfer, rule r
    union all
    select cast(d.day + interval '1 day' as date) from days d, rule r where d.day < r.as_of
)
select
    d.day,
    cast(sum(case when coalesce(w.is_workday, extract(isodow from d.day) < 6) then 1 else 0 end)
        over (order by d.day) as integer) as workdays
from days d
left join workday w on w.day = d.day
where d.day is not null
