-- Of each year and domain: appraisal, and branches that held their organisation-life meeting.
-- Branches are those of the following March, or of the last month when that has not come.
with year as (
    select distinct year from appraisal_year
    union
    select distinct cast(left(month, 4) as integer) from month
    union
    select distinct for_year from activity where institution = 'org_life_meeting' and for_year is not null
),
counted as (
    select
        y.year,
        greatest(r.first_month, least(r.last_month, cast(y.year + 1 as varchar) || '-03')) as month
    from year y, rule r
),
life as (
    select distinct org_id, coalesce(for_year, cast(extract(year from start_at) as integer)) as year
    from activity
    where institution = 'org_life_meeting' and status in ('held', 'approved')
),
own as (
    select
        s.org_id, coalesce(s.domain, 'other') as domain, y.year,
        coalesce(a.eligible, 0) as eligible,
        coalesce(a.participated, 0) as participated,
        case when s.level = 'branch' and s.first_month <= y.month and s.until_month > y.month then 1 else 0 end as branch,
        case when l.org_id is not null then 1 else 0 end as done
    from seat s
    cross join counted y
    left join appraisal_year a on a.org_id = s.org_id and a.year = y.year
    left join life l on l.org_id = s.org_id and l.year = y.year
)
select
    c.basis, c.node_id, n.level, o.year, o.domain,
    cast(sum(o.eligible) as bigint) as appraisal_eligible,
    cast(sum(o.participated) as bigint) as appraised,
    cast(sum(o.branch * o.done) as bigint) as org_life_branches_done,
    cast(sum(o.branch) as bigint) as branches
from own o
join closure c on c.org_id = o.org_id
join node n on n.basis = c.basis and n.node_id = c.node_id
group by c.basis, c.node_id, n.level, o.year, o.domain
order by c.basis, c.node_id, o.year
