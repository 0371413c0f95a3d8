-- Where did organisations of one domain meet in these months, on such days, between these hours?
-- params: lod, from_month, to_month, day_kind, hour_from, hour_to, domain
-- publish: cell_x, cell_y, activities, organisations = public; attended = conduct; members = members
-- organisations: the most that met in any one slot, so never more than there were.
with chosen as (
    select cell_x, cell_y, sum(activities) as activities, sum(attended) as attended, max(organisations) as organisations
    from domain_heat
    where lod = $lod and domain = $domain and month between $from_month and $to_month
      and ($day_kind = 'all' or day_kind = $day_kind)
      and hour >= $hour_from and hour < $hour_to
    group by cell_x, cell_y
)
select
    c.cell_x, c.cell_y,
    cast(c.activities as bigint) as activities,
    cast(c.attended as bigint) as attended,
    c.organisations,
    coalesce(m.members, 0) as members
from chosen c
left join domain_heat_members m
    on m.lod = $lod and m.domain = $domain and m.cell_x = c.cell_x and m.cell_y = c.cell_y
order by c.cell_y, c.cell_x
