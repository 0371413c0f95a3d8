-- Which institutions of organisation life were kept in a month, by how many, and who came?
-- params: basis, node, month
-- publish: node_id = node; level = level; institution = band; held, organisations = public
-- publish: due, attended = rate:signin(attended, due)
select node_id, level, institution, held, organisations, due, attended
from institution_month
where basis = $basis and node_id = $node and month = $month
order by institution
