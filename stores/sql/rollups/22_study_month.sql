-- Hours and records of study under each node by kind.
with own as (
    select branch_id as org_id, left(cast(on_date as varchar), 7) as month, kind, sum(hours) as hours, count(*) as records
    from study_record
    group by 1, 2, 3
)
select
    c.basis, c.node_id, n.level, o.month, o.kind,
    cast(sum(o.hours) as double precision) as hours,
    cast(sum(o.records) as bigint) as records
from own o
join month m on m.month = o.month
join closure c on c.org_id = o.org_id
join node n on n.basis = c.basis and n.node_id = c.node_id
group by c.basis, c.node_id, n.level, o.month, o.kind
order by c.basis, c.node_id, o.month
