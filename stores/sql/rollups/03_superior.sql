-- Each organisation's superior; none, an unknown one, or one that is its own inferior make way for the district.
with recursive up(org_id, ancestor_id) as (
    select o.org_id, o.parent_org_id
    from organisation o
    join organisation p on p.org_id = o.parent_org_id
    union
    select u.org_id, p.parent_org_id
    from up u
    join organisation p on p.org_id = u.ancestor_id
    join organisation g on g.org_id = p.parent_org_id
),
looped as (select org_id from up where org_id = ancestor_id)
select
    o.org_id,
    case when p.org_id is null or l.org_id is not null then r.root else p.org_id end as parent_id
from organisation o
cross join rule r
left join organisation p on p.org_id = o.parent_org_id
left join looped l on l.org_id = o.org_id
