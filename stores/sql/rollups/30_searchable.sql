-- Everything that can be looked for by name.
select
    case when n.level = 'building' then 'building' else 'place' end as kind,
    n.node_id as id, n.name, n.name_en, p.name as parent_name, n.node_id as place_id
from node n
left join node p on p.basis = n.basis and p.node_id = n.parent_id
where n.basis = 'place' and n.level <> 'floor' and n.name is not null
union all
select 'organisation', s.org_id, s.name, null, s.region_name, s.place_node
from seat s
cross join rule r
where s.name is not null and s.first_month <= r.last_month and s.until_month > r.last_month
