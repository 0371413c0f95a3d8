-- For the spatial questions only: where does every organisation stand, and in which months?
-- params: 
-- publish: org_id, name, level, domain, lon, lat, first_month, until_month = public
select org_id, coalesce(short_name, name) as name, level, domain, lon, lat, first_month, until_month
from seat
where lon is not null and lat is not null
order by org_id
