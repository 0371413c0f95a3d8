-- Completed transfers with their time, without a word of who moved: for tracing and for what flows along an edge.
-- A reason is one of a few words, for offices write freely and a free text may tell of a person.
-- An end outside is 'ext:' and the name of its province or city; workdays are those from application to decision.
select
    coalesce(f.org_id, 'ext:' || coalesce(t.from_external, '')) as from_node,
    coalesce(g.org_id, 'ext:' || coalesce(t.to_external, '')) as to_node,
    m.month, t.decided_at as moved_at,
    case
        when t.reason in ('工作调动', '升学', '毕业', '退休', '居住地变动', '机构调整') then t.reason else '其他'
    end as reason,
    t.route, t.scope,
    case when d.workdays is null or a.workdays is null then null
        else cast(greatest(d.workdays - a.workdays, 0) as integer) end as workdays
from transfer t
join month m on m.month = left(cast(t.decided_at as varchar), 7)
left join seat f on f.org_id = t.from_org_id
left join seat g on g.org_id = t.to_org_id
left join calendar d on d.day = cast(t.decided_at as date)
left join calendar a on a.day = t.applied_on
where t.status = 'completed' and t.decided_at is not null
order by t.decided_at, from_node, to_node
