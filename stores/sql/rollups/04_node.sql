-- Both hierarchies in one table, in the order in which lists show them. A key is the hierarchy and the node in one,
-- for an index.
with gap as (select building_id, count(*) as gaps from unit where coverage = 'gap' group by building_id),
made as (
    select
        'place' as basis, p.node_id, p.level, p.parent_id, p.name, p.name_en, p.kind, p.floors, p.sort, q.lon, q.lat,
        coalesce(g.gaps, 0) as gaps,
        case p.level
            when 'district' then 0 when 'town' then 1 when 'community' then 2 when 'building' then 3 else 4
        end as depth
    from place p
    left join place_point q on q.node_id = p.node_id
    left join gap g on p.level = 'building' and g.building_id = p.node_id
    union all
    select 'affiliation', p.node_id, p.level, null, p.name, p.name_en, p.kind, null, 0, q.lon, q.lat, 0, 0
    from place p
    left join place_point q on q.node_id = p.node_id
    where p.level = 'district'
    union all
    select
        'affiliation', o.org_id,
        case o.kind
            when 'work_committee' then 'committee' when 'committee' then 'committee'
            when 'general_branch' then 'general_branch' else 'branch'
        end,
        s.parent_id, o.name, null, o.kind, null, 0, o.lon, o.lat, 0,
        case o.kind when 'work_committee' then 1 when 'committee' then 2 when 'general_branch' then 3 else 4 end
    from organisation o
    join superior s on s.org_id = o.org_id
)
select
    basis || ':' || node_id as key, basis || ':' || parent_id as parent_key,
    basis, node_id, level, parent_id, name, name_en, kind, floors, lon, lat, gaps,
    cast(row_number() over (partition by basis order by depth, parent_id, sort, node_id) as integer) as ord
from made
order by basis, ord
