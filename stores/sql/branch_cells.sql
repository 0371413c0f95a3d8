-- Where do the many branches of this place stand in a month, added up by small cells?
-- params: place, month
-- publish: domain, branches, lon, lat = public
select
    domain, branches,
    cast(lon_e5 as double precision) / branches / 100000 as lon,
    cast(lat_e5 as double precision) / branches / 100000 as lat
from branch_cell
where node_id = $place and month = $month
order by cell_y, cell_x, domain
