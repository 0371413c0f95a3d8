-- Activity heat by domain: cells of 250 m (lod 0) and 1000 m (lod 1), by month, kind of day, hour.
with grain as (select 0 as lod, 1 as step union all select 1, 4)
select
    cast(floor(h.x / cast(g.step as double precision)) as integer) as cell_x,
    cast(floor(h.y / cast(g.step as double precision)) as integer) as cell_y,
    g.lod, h.month, h.day_kind, h.hour, coalesce(s.domain, 'other') as domain,
    count(*) as activities,
    cast(sum(h.attended) as bigint) as attended,
    count(distinct h.org_id) as organisations
from held h
join seat s on s.org_id = h.org_id
cross join grain g
where h.x is not null and h.y is not null
group by 1, 2, 3, 4, 5, 6, 7
order by g.lod, coalesce(s.domain, 'other'), h.month
