-- Completed transfers by the domain of either end: between towns, communities, committees directly below the district.
-- A transfer between two domains counts in both.
-- The world outside is 'ext:' and the name of its province or city.
with top as (
    select a.node_id as org_id, a.ancestor_id as committee_id
    from above a
    join node n on n.basis = a.basis and n.node_id = a.ancestor_id
    join rule r on n.parent_id = r.root
    where a.basis = 'affiliation'
),
done as (
    select
        t.transfer_id, left(cast(t.decided_at as varchar), 7) as month,
        f.org_id as from_org, g.org_id as to_org,
        case when f.org_id is null then 'ext:' || coalesce(t.from_external, '') end as from_ext,
        case when g.org_id is null then 'ext:' || coalesce(t.to_external, '') end as to_ext,
        f.town_id as from_town, g.town_id as to_town,
        f.community_id as from_community, g.community_id as to_community,
        c.committee_id as from_committee, d.committee_id as to_committee,
        r.root
    from transfer t
    cross join rule r
    left join seat f on f.org_id = t.from_org_id
    left join seat g on g.org_id = t.to_org_id
    left join top c on c.org_id = f.org_id
    left join top d on d.org_id = g.org_id
    where t.status = 'completed' and t.decided_at is not null
),
ends as (
    select t.transfer_id, coalesce(s.domain, 'other') as domain
    from transfer t
    join seat s on s.org_id = t.from_org_id
    union
    select t.transfer_id, coalesce(s.domain, 'other')
    from transfer t
    join seat s on s.org_id = t.to_org_id
),
edge as (
    select
        'place' as basis, 'town' as level, transfer_id, month,
        coalesce(from_ext, from_town, root) as from_node, coalesce(to_ext, to_town, root) as to_node
    from done
    union all
    select
        'place', 'community', transfer_id, month,
        coalesce(from_ext, from_community, from_town, root), coalesce(to_ext, to_community, to_town, root)
    from done
    union all
    select
        'affiliation', 'committee', transfer_id, month,
        coalesce(from_ext, from_committee, root), coalesce(to_ext, to_committee, root)
    from done
)
select e.basis, e.level, e.from_node, e.to_node, e.month, d.domain, count(*) as n
from edge e
join ends d on d.transfer_id = e.transfer_id
join month m on m.month = e.month
group by e.basis, e.level, e.from_node, e.to_node, e.month, d.domain
order by e.basis, e.level, d.domain, e.month
