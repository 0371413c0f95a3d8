-- Branches by cell, 1000 m wide in the district and 250 m in a town: what a map draws of places with more branches
-- than it can draw one by one. lon_e5 and lat_e5 are sums of whole hundred-thousandths of a degree, so that every
-- engine adds up the same.
select
    c.node_id, m.month,
    cast(floor(6378137 * radians(s.lon) / case n.level when 'district' then 1000 else 250 end) as integer) as cell_x,
    cast(floor(6378137 * ln(tan(pi() / 4 + radians(s.lat) / 2)) / case n.level when 'district' then 1000 else 250 end)
        as integer) as cell_y,
    coalesce(s.domain, 'other') as domain,
    count(*) as branches,
    cast(sum(cast(floor(s.lon * 100000) as bigint)) as bigint) as lon_e5,
    cast(sum(cast(floor(s.lat * 100000) as bigint)) as bigint) as lat_e5
from closure c
join node n on n.key = 'place:' || c.node_id and n.level in ('district', 'town')
join seat s on s.org_id = c.org_id
join month m on m.month >= s.first_month and m.month < s.until_month
where c.basis = 'place' and s.level = 'branch' and s.lon is not null and s.lat is not null
group by 1, 2, 3, 4, 5
order by c.node_id, m.month
