-- Transfers under way at the data date: the step they stand at, who holds it, and for how many workdays.
-- A letter that was issued and is not yet handed in (a 'pocket member' in the making) has run out after its valid
-- days, 30 where none are named and 90 at most. Who moves is not said.
select
    f.org_id as from_org_id, g.org_id as to_org_id,
    coalesce(h.org_id, case when t.status in ('pending_application', 'pending_from_branch', 'pending_from_committee')
        then f.org_id end,
        g.org_id, f.org_id) as holder_org_id,
    t.status, t.applied_on,
    cast(greatest(l.workdays - coalesce(c.workdays, 0), 0) as integer) as waited,
    case when l.workdays - coalesce(c.workdays, 0) > r.step_workdays then 1 else 0 end as overdue,
    case when t.route = 'letter' and t.letter_issued_on is not null then 1 else 0 end as letter,
    case
        when t.route = 'letter' and t.letter_issued_on is not null
            and cast(t.letter_issued_on + cast(least(coalesce(t.letter_valid_days, 30), 90) as integer) as date)
                < r.as_of
        then 1
        else 0
    end as letter_run_out,
    cast(greatest(l.workdays - coalesce(i.workdays, 0), 0) as integer) as letter_days
from transfer t
cross join rule r
left join seat f on f.org_id = t.from_org_id
left join seat g on g.org_id = t.to_org_id
left join seat h on h.org_id = t.decided_by_org
left join calendar l on l.day = r.as_of
left join calendar c on c.day = cast(coalesce(t.step_entered_at, t.applied_on) as date)
left join calendar i on i.day = t.letter_issued_on
where t.status in ('pending_application', 'pending_from_branch', 'pending_from_committee', 'pending_to_committee',
        'pending_to_branch')
    and coalesce(t.applied_on, r.as_of) <= r.as_of
order by t.status, waited
