-- Where each organisation stands, by place and by affiliation, and in which months it counts.
-- The building decides the community, so that both agree. An organisation counts in a month when it was founded by
-- the month's end and not yet abolished; one that is abolished or merged without a date counts in none.
with spot as (
    select
        o.org_id,
        b.node_id as building_id,
        case when b.node_id is not null then o.floor end as floor,
        coalesce(
            b.node_id || '/' || cast(o.floor as varchar), b.node_id, g.node_id, r.root
        ) as place_node
    from organisation o
    cross join rule r
    left join place b on b.node_id = o.building_id and b.level = 'building'
    left join place g on g.node_id = o.region_id and g.level in ('district', 'town', 'community')
),
chain as (
    select
        s.org_id,
        max(case when p.level = 'town' then p.node_id end) as town_id,
        max(case when p.level = 'community' then p.node_id end) as community_id
    from spot s
    join above a on a.basis = 'place' and a.node_id = s.place_node
    join place p on p.node_id = a.ancestor_id
    group by s.org_id
),
stars as (
    select org_id, stars, year, row_number() over (partition by org_id order by year desc) as latest from star_rating
)
select
    o.org_id, o.name, o.short_name, o.kind, n.level, o.domain, n.parent_id, q.name as parent_name,
    coalesce(g.name, t.name) as region_name, b.name as building_name,
    c.town_id, c.community_id, s.building_id, s.floor, s.place_node,
    coalesce(o.lon, p.lon) as lon, coalesce(o.lat, p.lat) as lat,
    o.founded_on, st.stars, st.year as stars_year, n.ord,
    coalesce(left(cast(o.founded_on as varchar), 7), '0000-00') as first_month,
    case
        when o.abolished_on is null and o.status in ('abolished', 'merged') then '0000-00'
        when o.abolished_on is null then '9999-99'
        else left(cast(o.abolished_on as varchar), 7)
    end as until_month
from organisation o
join node n on n.basis = 'affiliation' and n.node_id = o.org_id
join spot s on s.org_id = o.org_id
join chain c on c.org_id = o.org_id
left join node q on q.basis = 'affiliation' and q.node_id = n.parent_id
left join place g on g.node_id = c.community_id
left join place t on t.node_id = c.town_id
left join place b on b.node_id = s.building_id
left join place_point p on p.node_id = coalesce(s.building_id, c.community_id)
left join stars st on st.org_id = o.org_id and st.latest = 1
order by o.org_id
