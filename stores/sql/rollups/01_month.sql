-- The months with data, from the first event to the data date.
with recursive span(day) as (
    select cast(r.first_month || '-01' as date) from rule r where r.first_month is not null
    union all
    select cast(s.day + interval '1 month' as date)
    from span s, rule r
    where left(cast(s.day + interval '1 month' as varchar), 7) <= r.last_month
)
select
    left(cast(day as varchar), 7) as month,
    day as first_day,
    cast(day + interval '1 month' - interval '1 day' as date) as last_day,
    -- A member's age in a month is the month's year less the year of birth: the day of birth is not kept.
    cast(extract(year from day) as bigint) as age_year
from span
order by month
