-- How far the campaigns are under each node: members away and in contact, lost and found, in service and reported.
with halted as (select distinct member_pid from disposal where kind = 'suspended'),
own as (
    select
        m.branch_id as org_id,
        sum(case when m.floating = 'out' then 1 else 0 end) as away,
        sum(
            case when m.floating = 'out' and m.last_contact_on > r.as_of - interval '6 months' then 1 else 0 end
        ) as away_in_contact,
        sum(case when m.in_service then 1 else 0 end) as in_service,
        sum(case when m.in_service and m.community_reported then 1 else 0 end) as reported,
        sum(case when m.contact_state in ('lost', 'found') then 1 else 0 end) as lost_total,
        sum(case when m.contact_state = 'found' then 1 else 0 end) as lost_found,
        sum(case when m.contact_state = 'lost' then 1 else 0 end) as lost_open,
        sum(case when h.member_pid is not null then 1 else 0 end) as suspended
    from member m
    cross join rule r
    left join halted h on h.member_pid = m.member_pid
    where m.status in ('full', 'probationary')
    group by m.branch_id
)
select
    c.basis, c.node_id, n.level,
    cast(sum(o.away) as bigint) as away, cast(sum(o.away_in_contact) as bigint) as away_in_contact,
    cast(sum(o.in_service) as bigint) as in_service, cast(sum(o.reported) as bigint) as reported,
    cast(sum(o.lost_total) as bigint) as lost_total, cast(sum(o.lost_found) as bigint) as lost_found,
    cast(sum(o.lost_open) as bigint) as lost_open, cast(sum(o.suspended) as bigint) as suspended
from own o
join closure c on c.org_id = o.org_id
join node n on n.basis = c.basis and n.node_id = c.node_id
group by c.basis, c.node_id, n.level
order by c.basis, c.node_id
