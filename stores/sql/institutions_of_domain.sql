-- Which institutions of organisation life were kept in a month by organisations of one domain, and by how many?
-- params: basis, node, month, domain
-- publish: node_id = node; level = level; institution = band; held, organisations = public
select node_id, level, institution, held, organisations
from domain_institution
where basis = $basis and node_id = $node and month = $month and domain = $domain
order by institution
