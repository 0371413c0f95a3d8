-- Organisations as points. Only PostgreSQL has them here: it looks for the nearest by an index, the embedded store by
-- shapely over the same coordinates.
select
    org_id, level, first_month, until_month,
    st_setsrid(st_makepoint(lon, lat), 4326) as geom,
    st_transform(st_setsrid(st_makepoint(lon, lat), 4326), 3857) as mercator
from seat
where lon is not null and lat is not null
