-- Whom study is expected of in each month, and who is behind.
-- Looked at are the last twelve months, so far as the member was here and study was recorded; a twelfth of the year's
-- hours falls to each. After twelve months whoever has less is behind, before that whoever has less than half, since
-- study has its seasons (after the rule for warnings: half of the share in the year, all of it at the end).
-- Before the first record of study there is nothing to be behind of.
with first_record as (select left(cast(min(on_date) as varchar), 7) as month from study_record),
hours as (
    select member_pid, left(cast(on_date as varchar), 7) as month, sum(hours) as hours
    from study_record
    group by member_pid, left(cast(on_date as varchar), 7)
),
present as (
    select s.member_pid, s.org_id, m.month, coalesce(h.hours, 0) as hours
    from spell s
    join first_record f on f.month is not null
    join month m on m.month >= s.first_month and m.month < s.until_month and m.month >= f.month
    left join member p on p.member_pid = s.member_pid
    left join hours h on h.member_pid = s.member_pid and h.month = m.month
    where not coalesce(p.exempt_study, false)
),
window_of as (
    select
        org_id, month,
        sum(hours) over (partition by member_pid order by month rows between 11 preceding and current row) as done,
        count(*) over (partition by member_pid order by month rows between 11 preceding and current row) as months
    from present
)
select
    t.org_id, t.month,
    count(*) as members,
    cast(sum(
        case
            when t.done < r.study_hours_year / 12 * t.months * (case when t.months < 12 then 0.5 else 1.0 end) - 0.000001
            then 1 else 0
        end
    ) as bigint) as lagging
from window_of t, rule r
group by t.org_id, t.month
