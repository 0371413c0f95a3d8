-- Members of the last month by domain and the cell in which their organisation stands.
with grain as (select 0 as lod, 250 as metres union all select 1, 1000)
select
    cast(floor(6378137 * radians(s.lon) / g.metres) as integer) as cell_x,
    cast(floor(6378137 * ln(tan(pi() / 4 + radians(s.lat) / 2)) / g.metres) as integer) as cell_y,
    g.lod, coalesce(s.domain, 'other') as domain,
    cast(sum(l.members) as bigint) as members
from seat s
join rule r on r.last_month >= s.first_month and r.last_month < s.until_month
join leaf l on l.org_id = s.org_id and l.month = r.last_month
cross join grain g
where s.lon is not null and s.lat is not null
group by 1, 2, 3, 4
order by g.lod, coalesce(s.domain, 'other')
