-- Every place by its parent: regions, buildings and all their floors, also those on which nothing stands.
-- A place whose parent is unknown stands directly below the district.
with recursive storey(floor) as (
    select 1
    union all
    -- No building here has more; a mistyped number of floors must not make millions of places.
    select floor + 1 from storey where floor < 200
),
known as (
    select region_id, level, name, name_en, kind, parent_id
    from region, rule r
    where level in ('town', 'community') and region_id <> r.root
),
root as (
    select
        r.root as node_id, 'district' as level, cast(null as varchar) as parent_id,
        coalesce(g.name, r.root_name) as name, coalesce(g.name_en, r.root_name_en) as name_en,
        coalesce(g.kind, 'district') as kind, cast(null as integer) as floors
    from rule r
    left join region g on g.region_id = r.root
),
floor as (
    select b.building_id, s.floor from building b join storey s on s.floor <= b.floors
    union
    select building_id, floor from organisation where building_id is not null and floor is not null
    union
    select building_id, floor from unit where building_id is not null and floor is not null
)
select node_id, level, parent_id, name, name_en, kind, floors, cast(0 as integer) as sort from root
union all
select k.region_id, k.level, coalesce(p.region_id, t.region_id, r.root), k.name, k.name_en, k.kind, null, 0
from known k
cross join rule r
left join known p on p.region_id = k.parent_id and p.level = 'town' and k.level = 'community'
left join known t on t.region_id = left(k.region_id, 9) and t.level = 'town' and k.level = 'community'
union all
select b.building_id, 'building', coalesce(c.region_id, r.root), b.name, null, b.kind, b.floors, 0
from building b
cross join rule r
left join known c on c.region_id = b.community_id
union all
select
    b.building_id || '/' || cast(f.floor as varchar), 'floor', b.building_id,
    cast(f.floor as varchar) || '层', 'Floor ' || cast(f.floor as varchar), 'floor', null, f.floor
from floor f
join building b on b.building_id = f.building_id
