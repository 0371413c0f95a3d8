-- How many organisations have how many stars here in the latest year that was rated; how many rose or fell?
-- params: basis, node
-- publish: year, stars, organisations, risen, fallen = public
select year, stars, organisations, risen, fallen
from star
where basis = $basis and node_id = $node and year = (select max(year) from star)
order by stars desc
