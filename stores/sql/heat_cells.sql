-- Where were activities held in these months, on such days, between these hours?
-- params: lod, from_month, to_month, day_kind, hour_from, hour_to
-- publish: cell_x, cell_y, activities, organisations = public; attended = conduct; members = members
with chosen as (
    select cell_x, cell_y, activities, attended, organisations
    from heat_month
    where $day_kind = 'all' and $hour_from <= 0 and $hour_to >= 24
      and lod = $lod and month between $from_month and $to_month
    union all
    select cell_x, cell_y, activities, attended, organisations
    from heat
    where not ($day_kind = 'all' and $hour_from <= 0 and $hour_to >= 24)
      and lod = $lod and month between $from_month and $to_month
      and ($day_kind = 'all' or day_kind = $day_kind)
      and hour >= $hour_from and hour < $hour_to
),
-- organisations: the most that met in any one slot, so never more than there were.
summed as (
    select
        cell_x, cell_y,
        cast(sum(activities) as bigint) as activities,
        cast(sum(attended) as bigint) as attended,
        max(organisations) as organisations
    from chosen
    group by cell_x, cell_y
)
select s.cell_x, s.cell_y, s.activities, s.attended, s.organisations, coalesce(m.members, 0) as members
from summed s
left join heat_members m on m.lod = $lod and m.cell_x = s.cell_x and m.cell_y = s.cell_y
order by s.cell_y, s.cell_x
