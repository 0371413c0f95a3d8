-- Activity heat of whole months.
with grain as (select 0 as lod, 1 as step union all select 1, 4)
select
    cast(floor(h.x / cast(g.step as double precision)) as integer) as cell_x,
    cast(floor(h.y / cast(g.step as double precision)) as integer) as cell_y,
    g.lod, h.month,
    count(*) as activities,
    cast(sum(h.attended) as bigint) as attended,
    count(distinct h.org_id) as organisations
from held h
cross join grain g
where h.x is not null and h.y is not null
group by 1, 2, 3, 4
order by g.lod, h.month
