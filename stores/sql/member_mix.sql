-- How do this place's members divide by age, sex, education, standing, time of joining or work?
-- params: basis, node, month, dim
-- publish: node_id = node; level = level; dim = dim; band = band; n = attribute
select node_id, level, dim, band, n
from member_cube
where basis = $basis and node_id = $node and month = $month and dim = $dim
order by ord
