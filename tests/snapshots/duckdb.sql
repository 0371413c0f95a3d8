-- question activity_weeks
-- How did activities and attendance go from week to week?
-- params: basis, node
-- publish: week = band; node_id = node; level = level; activities = public
-- publish: due, attended = rate:signin(attended, due)
select week, node_id, level, activities, due, attended
from week
where basis = $basis and node_id = $node
order by week

-- question activity_weeks_of_domain
-- How did the activities of this place's organisations of one domain go from week to week?
-- params: basis, node, domain
-- publish: week = band; node_id = node; level = level; activities = public
select w.week, w.node_id, w.level, coalesce(d.activities, 0) as activities
from week w
left join domain_week d on d.basis = w.basis and d.node_id = w.node_id and d.week = w.week and d.domain = $domain
where w.basis = $basis and w.node_id = $node
order by w.week

-- question ancestors
-- Through which places does one come from the district to this one?
-- params: basis, node
-- publish: node_id = node; level = level; kind, parent_id, name, name_en, lon, lat = public
with own as (
    -- A floor on which nothing stands has no line above it of its own: its building has.
    select n.parent_key, n.node_id, n.level, n.kind, n.parent_id, n.name, n.name_en, n.lon, n.lat
    from node n
    where n.key = $basis || ':' || $node and not exists (select 1 from above a where a.key = $basis || ':' || $node)
),
line as (
    select a.ancestor_id as node_id, a.level, a.kind, a.parent_id, a.name, a.name_en, a.lon, a.lat, a.distance
    from above a
    where a.key = $basis || ':' || $node
    union all
    select o.node_id, o.level, o.kind, o.parent_id, o.name, o.name_en, o.lon, o.lat, 0
    from own o
    union all
    select a.ancestor_id, a.level, a.kind, a.parent_id, a.name, a.name_en, a.lon, a.lat, a.distance + 1
    from own o
    join above a on a.key = o.parent_key
)
select node_id, level, kind, parent_id, name, name_en, lon, lat
from line
order by distance desc

-- question annual
-- Of a year: who was appraised, which branches held their meeting, who was lost and found?
-- params: basis, node, year
-- publish: node_id = node; level = level; year, branches, org_life_branches_done = public
-- publish: appraisal_eligible, appraised = rate:appraisal(appraised, appraisal_eligible)
-- publish: lost_total, lost_found = rare
select node_id, level, year, appraisal_eligible, appraised, org_life_branches_done, branches, lost_total, lost_found
from annual
where basis = $basis and node_id = $node and year = $year

-- question annual_of_domain
-- Of a year and one domain: who was appraised, which branches held their meeting?
-- params: basis, node, year, domain
-- publish: node_id = node; level = level; domain = band; year, branches, org_life_branches_done = public
-- publish: appraisal_eligible, appraised = attribute
select node_id, level, domain, year, branches, org_life_branches_done, appraisal_eligible, appraised
from domain_annual
where basis = $basis and node_id = $node and year = $year and domain = $domain

-- question branch_cells
-- Where do the many branches of this place stand in a month, added up by small cells?
-- params: place, month
-- publish: domain, branches, lon, lat = public
select
    domain, branches,
    cast(lon_e5 as double precision) / branches / 100000 as lon,
    cast(lat_e5 as double precision) / branches / 100000 as lat
from branch_cell
where node_id = $place and month = $month
order by cell_y, cell_x, domain

-- question branches_under
-- Which branches belong to this place in a month, and where do they stand?
-- params: basis, node, month
-- publish: org_id, short_name, domain, lon, lat, community_id, building_id = public
select s.org_id, coalesce(s.short_name, s.name) as short_name, s.domain, s.lon, s.lat, s.community_id, s.building_id
from closure c
join seat s on s.org_id = c.org_id
where c.basis = $basis and c.node_id = $node and s.level = 'branch' and s.first_month <= $month and s.until_month > $month
order by s.org_id

-- question building_floors
-- Which organisations stand on which floor of a building?
-- params: building, month
-- publish: floor, org_id, name, short_name, kind, domain = public; level = level; members = members
select s.floor, s.org_id, s.name, s.short_name, s.kind, s.domain, 'branch' as level, t.members
from seat s
join tree t on t.basis = 'affiliation' and t.node_id = s.org_id and t.month = $month
where s.building_id = $building and s.first_month <= $month and s.until_month > $month
order by s.floor, s.org_id

-- question building_units
-- Which units does a building have, and does an organisation cover them? Units are counted, never named.
-- params: building
-- publish: floor, coverage = public
select floor, coverage
from unit_seat
where building_id = $building
order by floor, unit_id

-- question buildings_of
-- Which buildings does a community have, with how many organisations, and how many units without one?
-- params: community, month
-- publish: building_id, name, kind, floors, lon, lat, organisations, gaps = public
select
    n.node_id as building_id, n.name, n.kind, n.floors, n.lon, n.lat,
    coalesce(t.organisations, 0) as organisations,
    n.gaps
from node n
left join tree t on t.parent_key = 'place:' || $community and t.month = $month and t.node_id = n.node_id
where n.parent_key = 'place:' || $community and n.level = 'building'
order by n.ord

-- question buildings_of_domain
-- In which buildings of a community do organisations of one domain stand?
-- params: community, month, domain
-- publish: building_id, organisations = public
select node_id as building_id, organisations
from domain_tree
where parent_key = 'place:' || $community and month = $month and domain = $domain and level = 'building'
order by node_id

-- question campaigns
-- How far are the campaigns 风筝 (members away), 归巢 (members lost) and 先锋 (members in service)?
-- params: basis, node
-- publish: node_id = node; level = level
-- publish: away, away_in_contact = rate:contact(away_in_contact, away)
-- publish: in_service, reported = rate:reporting(reported, in_service)
-- publish: lost_total, lost_found, lost_open, suspended = rare
select
    node_id, level, away, away_in_contact, in_service, reported, lost_total, lost_found, lost_open, suspended
from campaign
where basis = $basis and node_id = $node

-- question children
-- What lies directly below this place?
-- params: basis, node
-- publish: node_id = node; level = level; kind, parent_id, name, name_en, lon, lat = public
select node_id, level, kind, parent_id, name, name_en, lon, lat
from node
where parent_key = $basis || ':' || $node
order by ord

-- question children_figures
-- How do the places directly below this one compare in a month?
-- params: basis, node, month
-- publish: node_id = node; level = level; name, name_en, kind = public
-- publish: organisations, branches, activities = public; members = members
-- publish: due, attended = rate:signin(attended, due)
-- publish: dues_liable, dues_paid = rate:dues(dues_paid, dues_liable)
-- publish: study_members, study_met = rate:study(study_met, study_members)
-- publish: study_hours = conduct; study_lagging = rare
-- publish: transfers_in, transfers_out = flow
select
    t.node_id, t.level, t.name, t.name_en, t.kind,
    t.organisations, t.branches, t.members, t.activities, t.due, t.attended,
    t.study_members, t.study_members - t.study_lagging as study_met, t.study_lagging, t.study_hours,
    t.dues_liable, t.dues_paid, t.transfers_in, t.transfers_out
from tree t
where t.parent_key = $basis || ':' || $node and t.month = $month
order by t.ord

-- question children_mix
-- How do the members of each place directly below this one divide by age, education or work?
-- params: basis, node, month, dim
-- publish: node_id = node; level = level; dim = dim; band = band; n = attribute
select c.node_id, c.level, c.dim, c.band, c.n
from node n
join member_cube c on c.basis = n.basis and c.node_id = n.node_id and c.month = $month and c.dim = $dim
where n.parent_key = $basis || ':' || $node
order by n.ord, c.ord

-- question children_of_domain
-- How do the places directly below this one compare in a month, in one domain?
-- params: basis, node, month, domain
-- publish: node_id = node; level = level; name, name_en, kind = public; domain = band
-- publish: organisations, branches, activities = public
-- publish: members, due, attended, dues_liable, dues_paid, study_members, study_met = attribute
select
    n.node_id, n.level, n.name, n.name_en, n.kind, cast($domain as varchar) as domain,
    coalesce(d.organisations, 0) as organisations, coalesce(d.branches, 0) as branches,
    coalesce(d.activities, 0) as activities, coalesce(d.members, 0) as members,
    coalesce(d.due, 0) as due, coalesce(d.attended, 0) as attended,
    coalesce(d.dues_liable, 0) as dues_liable, coalesce(d.dues_paid, 0) as dues_paid,
    coalesce(d.study_members, 0) as study_members, coalesce(d.study_members - d.study_lagging, 0) as study_met
from node n
left join domain_tree d
    on d.parent_key = $basis || ':' || $node and d.month = $month and d.domain = $domain and d.node_id = n.node_id
where n.parent_key = $basis || ':' || $node
order by n.ord

-- question flow_mix
-- For which reasons, by which routes and over which borders did members move here?
-- params: basis, node, from_month, to_month
-- publish: node_id = node; level = level; dim = dim; band, direction = band; n = split
select m.node_id, n.level, m.dim, m.band, m.direction, cast(sum(m.n) as bigint) as n
from move_mix m
join node n on n.key = $basis || ':' || $node
where m.basis = $basis and m.node_id = $node and m.month between $from_month and $to_month
group by m.node_id, n.level, m.dim, m.band, m.direction
order by m.dim, n desc, m.band, m.direction

-- question flow_months
-- How many members moved into this place, out of it and inside it, month by month?
-- params: basis, node
-- publish: node_id = node; level = level; month = month; moved_in, moved_out, inside = flow
-- gate: months
select
    n.node_id, n.level, m.month,
    cast(coalesce(v.moved_in, 0) as bigint) as moved_in,
    cast(coalesce(v.moved_out, 0) as bigint) as moved_out,
    cast(coalesce(v.inside, 0) as bigint) as inside
from node n
cross join month m
left join move v on v.basis = n.basis and v.node_id = n.node_id and v.month = m.month
where n.key = $basis || ':' || $node
order by m.month

-- question freshness
-- How old is what the store knows?
-- params: 
-- publish: as_of, loaded_at, last_event_at, data_label, batches, rejected = public
select
    max(case when key = 'data_as_of' then cast(value as date) end) as as_of,
    max(case when key = 'loaded_at' then cast(value as timestamp) end) as loaded_at,
    max(case when key = 'last_event_at' then cast(value as timestamp) end) as last_event_at,
    max(case when key = 'data_label' then value end) as data_label,
    coalesce(max(case when key = 'batches' then cast(value as bigint) end), 0) as batches,
    coalesce(max(case when key = 'rejected' then cast(value as bigint) end), 0) as rejected
from meta

-- question gate_activity_weeks
-- For the gate's rounding only: the attendance of all upper nodes by week.
-- params: 
-- publish: basis, node_id, week = public
select basis, node_id, week, due, attended from week where level in ('district', 'town', 'community', 'committee', 'general_branch')

-- question gate_annual
-- For the gate's rounding only: a year's appraisal and contact of all upper nodes.
-- params: year
-- publish: basis, node_id = public
select basis, node_id, appraisal_eligible, appraised, lost_total, lost_found from annual where year = $year and level in ('district', 'town', 'community', 'committee', 'general_branch')

-- question gate_blanks
-- For the spatial questions only: which buildings have members in units that no organisation covers?
-- params: 
-- publish: building_id, name, community_id, lon, lat, units, members = public
select building_id, name, community_id, lon, lat, units, members
from blank
order by building_id

-- question gate_buildings
-- For the spatial questions only: what is known of every building in a month?
-- params: month
-- publish: node_id, level, name, kind, floors, community_id, lon, lat, organisations, gaps, members = public
select
    n.node_id, n.level, n.name, n.kind, n.floors, n.parent_id as community_id, n.lon, n.lat,
    coalesce(t.organisations, 0) as organisations, n.gaps, coalesce(t.members, 0) as members
from node n
left join tree t on t.key = n.key and t.month = $month
where n.basis = 'place' and n.level = 'building'
order by n.node_id

-- question gate_child_seats
-- For counting warnings: which organisations stand under each child of this node at the data date?
-- params: basis, node
-- publish: node_id, level, kind, name, name_en, lon, lat, org_id = public
select n.node_id, n.level, n.kind, n.name, n.name_en, n.lon, n.lat, c.org_id
from node n
cross join rule r
left join closure c on c.basis = n.basis and c.node_id = n.node_id and c.org_id in (
    select s.org_id from seat s, rule q where s.first_month <= q.last_month and s.until_month > q.last_month
)
where n.parent_key = $basis || ':' || $node
order by n.ord, c.org_id

-- question gate_dated_moves
-- For the gate's tracing only: which moves were there, in the order of time?
-- params: from_month, to_month
-- publish: from_node, to_node, moved_at = public
select from_node, to_node, moved_at
from dated_move
where month between $from_month and $to_month
order by moved_at, from_node, to_node

-- question gate_day
-- For counting warnings: which is the data date?
-- params: 
-- publish: as_of = public
select cast(as_of as varchar) as as_of from rule

-- question gate_domain_annual
-- For the gate's rounding only: a year's appraisal of all upper nodes by domain.
-- params: year
-- publish: basis, node_id, domain = public
select basis, node_id, domain, appraisal_eligible, appraised
from domain_annual
where year = $year and level in ('district', 'town', 'community', 'committee', 'general_branch')

-- question gate_domain_tree
-- For the gate's rounding only: the counts of all upper nodes by domain in a month.
-- params: month
-- publish: basis, node_id, domain = public
select
    basis, node_id, domain, members, due, attended, dues_liable, dues_paid,
    study_members, study_members - study_lagging as study_met, study_hours
from domain_tree
where month = $month and level in ('district', 'town', 'community', 'committee', 'general_branch')

-- question gate_ends
-- For the gate's sentences only: how did the transfers of this place end?
-- params: basis, node, from_month, to_month
-- publish: status = public
select status, cast(sum(n) as bigint) as n
from transfer_state
where basis = $basis and node_id = $node and month between $from_month and $to_month
    and status in ('completed', 'returned', 'withdrawn', 'rejected', 'revoked')
group by status
order by status

-- question gate_heads
-- For the gate's rounding only: the members of all nodes of both hierarchies in a month.
-- params: month
-- publish: basis, node_id = public
select basis, node_id, members, full_members, probationary from tree where month = $month

-- question gate_held_steps
-- For the gate's pipeline only: which steps do the organisations of this place hold?
-- params: basis, node
-- publish: holder_org_id, status, waited, overdue = public
select s.holder_org_id, s.status, s.waited, s.overdue
from open_step s
join closure c on c.org_id = s.holder_org_id and c.basis = $basis and c.node_id = $node
order by s.holder_org_id, s.waited

-- question gate_institutions
-- For the gate's rounding only: the attendance of all upper nodes by institution in a month.
-- params: month
-- publish: basis, node_id, institution = public
select basis, node_id, institution, due, attended from institution_month where month = $month and level in ('district', 'town', 'community', 'committee', 'general_branch')

-- question gate_mark
-- For the gate's rounding only: what changes when the hierarchies change?
-- params: 
-- publish: mark = public
select value as mark from meta where key = 'tree_mark'

-- question gate_member_mix
-- For the gate's rounding only: one split of the members of all upper nodes in a month.
-- params: month, dim
-- publish: basis, node_id, band = public
select basis, node_id, band, n from member_cube where month = $month and dim = $dim

-- question gate_moves
-- For the gate's tables of flows only: how many members moved from which organisation to which?
-- params: from_month, to_month
-- publish: from_node, to_node = public; n = flow
select from_node, to_node, count(*) as n
from dated_move
where month between $from_month and $to_month
group by from_node, to_node
order by from_node, to_node

-- question gate_nodes
-- For the gate's rounding only: which nodes do both hierarchies have? Floors only where an organisation stands.
-- params: 
-- publish: basis, node_id, parent_id, level = public
select basis, node_id, parent_id, level from node n
where level <> 'floor' or exists (select 1 from closure c where c.basis = n.basis and c.node_id = n.node_id)
order by basis, ord

-- question gate_root
-- For the gate's rounding only: where does a hierarchy begin?
-- params: basis
-- publish: node_id = public
select node_id from node where basis = $basis and parent_id is null order by ord limit 1

-- question gate_seats
-- For the gate's tables of flows only: where does each organisation stand?
-- params: 
-- publish: org_id = public
select org_id, building_id, community_id, town_id from seat

-- question gate_seats_of
-- For counting warnings: which organisations stand under this node at the data date, and where?
-- params: basis, node
-- publish: org_id, name, short_name, level, kind, domain, region_name, lon, lat = public
select s.org_id, s.name, s.short_name, s.level, s.kind, s.domain, s.region_name, s.lon, s.lat
from closure c
join seat s on s.org_id = c.org_id
cross join rule r
where c.basis = $basis and c.node_id = $node and s.first_month <= r.last_month and s.until_month > r.last_month
order by s.ord

-- question gate_spots
-- For the spatial questions only: where does every organisation stand, and in which months?
-- params: 
-- publish: org_id, name, level, domain, lon, lat, first_month, until_month = public
select org_id, coalesce(short_name, name) as name, level, domain, lon, lat, first_month, until_month
from seat
where lon is not null and lat is not null
order by org_id

-- question gate_steps
-- For the gate's pipeline only: which transfers under way touch this place, and for how long has each waited?
-- params: basis, node
-- publish: status, waited, overdue, letter, letter_run_out, letter_days, holder_org_id = public
with own as (select org_id from closure where basis = $basis and node_id = $node)
select s.status, s.waited, s.overdue, s.letter, s.letter_run_out, s.letter_days, s.holder_org_id
from open_step s
where s.from_org_id in (select org_id from own) or s.to_org_id in (select org_id from own)
order by s.status, s.waited, s.overdue, s.letter, s.letter_run_out, s.letter_days, s.holder_org_id

-- question gate_study_mix
-- For the gate's rounding only: the study of all upper nodes by kind over some months.
-- params: from_month, to_month
-- publish: basis, node_id, kind = public
select basis, node_id, kind, sum(hours) as hours, cast(sum(records) as bigint) as records
from study_month
where month between $from_month and $to_month and level in ('district', 'town', 'community', 'committee', 'general_branch')
group by basis, node_id, kind

-- question gate_took
-- For the gate's sentences only: how many workdays did each completed transfer of this place take?
-- params: basis, node, from_month, to_month
-- publish: workdays = public
with own as (select org_id from closure where basis = $basis and node_id = $node)
select d.workdays
from dated_move d
where d.month between $from_month and $to_month
    and (d.from_node in (select org_id from own) or d.to_node in (select org_id from own))
order by d.workdays

-- question gate_tree
-- For the gate's rounding only: the counts of all upper nodes of both hierarchies in a month.
-- params: month
-- publish: basis, node_id = public
select
    basis, node_id, members, full_members, probationary, due, attended, dues_liable, dues_paid,
    study_members, study_members - study_lagging as study_met, study_hours, study_lagging, transfers_in, transfers_out
from tree
where month = $month and level in ('district', 'town', 'community', 'committee', 'general_branch')

-- question gate_under
-- For the gate's rounding only: which organisations stand under which node?
-- params: 
-- publish: basis, node_id, org_id = public
select basis, node_id, org_id from closure

-- question gate_weak
-- For counting weak organisations: which were listed when, how far are they?
-- params: 
-- publish: org_id, listed_on, kind, criteria, lead_by, stage, delisted_on = public
select org_id, listed_on, kind, criteria, lead_by, stage, delisted_on
from weak_list
order by listed_on, org_id

-- question headline
-- How many organisations and members does this place have?
-- params: basis, node, month
-- publish: node_id = node; level = level
-- publish: organisations, committees, general_branches, branches = public; members, full_members, probationary = members
select node_id, level, organisations, committees, general_branches, branches, members, full_members, probationary
from tree
where key = $basis || ':' || $node and month = $month

-- question heat_cells
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

-- question heat_cells_of_domain
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

-- question institutions
-- Which institutions of organisation life were kept in a month, by how many, and who came?
-- params: basis, node, month
-- publish: node_id = node; level = level; institution = band; held, organisations = public
-- publish: due, attended = rate:signin(attended, due)
select node_id, level, institution, held, organisations, due, attended
from institution_month
where basis = $basis and node_id = $node and month = $month
order by institution

-- question institutions_of_domain
-- Which institutions of organisation life were kept in a month by organisations of one domain, and by how many?
-- params: basis, node, month, domain
-- publish: node_id = node; level = level; institution = band; held, organisations = public
select node_id, level, institution, held, organisations
from domain_institution
where basis = $basis and node_id = $node and month = $month and domain = $domain
order by institution

-- question level_figures
-- How do all places of one level under this one compare in a month?
-- params: basis, level, node, month
-- publish: node_id = node; level = level; name, name_en, kind = public
-- publish: organisations, branches, activities = public; members = members
-- publish: due, attended = rate:signin(attended, due)
-- publish: dues_liable, dues_paid = rate:dues(dues_paid, dues_liable)
-- publish: study_members, study_met = rate:study(study_met, study_members)
-- publish: study_hours = conduct; study_lagging = rare
-- publish: transfers_in, transfers_out = flow
select
    t.node_id, t.level, t.name, t.name_en, t.kind,
    t.organisations, t.branches, t.members, t.activities, t.due, t.attended,
    t.study_members, t.study_members - t.study_lagging as study_met, t.study_lagging, t.study_hours,
    t.dues_liable, t.dues_paid, t.transfers_in, t.transfers_out
from tree t
where t.basis = $basis and t.level = $level and t.month = $month and t.path like '%/' || $node || '/%'
order by t.ord

-- question member_mix
-- How do this place's members divide by age, sex, education, standing, time of joining or work?
-- params: basis, node, month, dim
-- publish: node_id = node; level = level; dim = dim; band = band; n = attribute
select node_id, level, dim, band, n
from member_cube
where basis = $basis and node_id = $node and month = $month and dim = $dim
order by ord

-- question months
-- Which months have data?
-- params: 
-- publish: month = month
select month from month order by month

-- question node
-- What is this place or organisation called, and where does it stand?
-- params: basis, node
-- publish: basis, floors = public
-- publish: node_id = node; level = level; kind, parent_id, name, name_en, lon, lat = public
select basis, node_id, level, kind, parent_id, name, name_en, lon, lat, floors
from node
where key = $basis || ':' || $node

-- question organisation
-- What is this organisation, where does it stand, how large is it?
-- params: org_id, month
-- publish: org_id, name, short_name, kind, domain, parent_id, parent_name, region_name, building_name, floor, founded_on = public
-- publish: community_id, building_id, lon, lat, stars, stars_year = public; level = level; members = members
select
    s.org_id, s.name, s.short_name, s.kind, s.domain, s.parent_id, s.parent_name, s.region_name, s.building_name,
    s.community_id, s.building_id, s.floor, s.lon, s.lat, s.founded_on, s.stars, s.stars_year, s.level, t.members
from seat s
left join tree t on t.key = 'affiliation:' || $org_id and t.month = $month
where s.org_id = $org_id

-- question organisation_mix
-- In which domains do this place's organisations and members stand?
-- params: basis, node, month
-- publish: node_id = node; level = level; domain = band; organisations = public; members = attribute
select node_id, level, domain, cast(sum(organisations) as bigint) as organisations, cast(sum(members) as bigint) as members
from domain_month
where basis = $basis and node_id = $node and month = $month
group by node_id, level, domain
order by members desc, domain

-- question organisations_of
-- Which organisations belong to this place in a month?
-- params: basis, node, month
-- publish: org_id, name, short_name, kind, domain, parent_id, parent_name, region_name, building_name, floor, founded_on = public
-- publish: stars = public; level = level; members = members
select
    s.org_id, s.name, s.short_name, s.kind, s.domain, s.parent_id, s.parent_name, s.region_name, s.building_name,
    s.floor, s.founded_on, s.stars, s.level, t.members
from closure c
join seat s on s.org_id = c.org_id
join tree t on t.basis = 'affiliation' and t.node_id = s.org_id and t.month = $month
where c.basis = $basis and c.node_id = $node and s.first_month <= $month and s.until_month > $month
order by s.ord

-- question place_tree
-- Which districts, towns and communities are there, from the top down?
-- params: 
-- publish: node_id = node; level = level; kind, parent_id, name, name_en, lon, lat = public
select node_id, level, kind, parent_id, name, name_en, lon, lat
from node
where basis = 'place' and level in ('district', 'town', 'community')
order by ord

-- question positions
-- Which positions are there, and where?
-- params: 
-- publish: position_id, name, kind, lon, lat, featured, org_id, region_id, town_id = public
select position_id, name, kind, lon, lat, featured, org_id, region_id, town_id
from position_seat
order by position_id

-- question searchables
-- What can be looked for by name, and where does the wall open it?
-- params: 
-- publish: kind, id, name, name_en, parent_name, place_id = public
select kind, id, name, name_en, parent_name, place_id
from searchable
order by kind, id

-- question series
-- How did this place go from month to month?
-- params: basis, node
-- publish: month = month; node_id = node; level = level
-- publish: organisations, activities = public; members = members
-- publish: due, attended = rate:signin(attended, due)
-- publish: dues_liable, dues_paid = rate:dues(dues_paid, dues_liable)
-- publish: study_members, study_met = rate:study(study_met, study_members)
-- publish: study_hours = conduct; study_lagging = rare
-- publish: transfers_in, transfers_out = flow
select
    t.month, t.node_id, t.level,
    t.organisations, t.members, t.activities, t.due, t.attended,
    t.study_members, t.study_members - t.study_lagging as study_met, t.study_lagging, t.study_hours,
    t.dues_liable, t.dues_paid, t.transfers_in, t.transfers_out
from tree t
where t.key = $basis || ':' || $node
order by t.month

-- question series_of_domain
-- How did this place's organisations of one domain go from month to month?
-- params: basis, node, domain
-- publish: month = month; node_id = node; level = level; domain = band; organisations, activities = public
-- publish: due, attended, study_members, study_met, study_hours = attribute
-- Of one domain every count of conduct is a split of the whole, and is published as an attribute: a filter's
-- complement is subject to the same rules. Rates are made of what is published.
select
    month, node_id, level, domain, organisations, activities, due, attended,
    study_members, study_members - study_lagging as study_met, study_hours
from domain_tree
where key = $basis || ':' || $node and domain = $domain
order by month

-- question sources
-- From which files did a table come, and what became of their rows?
-- params: table_name
-- publish: batch_id, file, layout, loaded_at, read, accepted, rejected, duplicate = public
select f.batch_id, f.file, f.layout, b.finished_at as loaded_at, f.read, f.accepted, f.rejected, f.duplicate
from import_file f
join import_batch b on b.batch_id = f.batch_id
where f.table_name = $table_name
order by f.batch_id desc, f.file

-- question stars
-- How many organisations have how many stars here in the latest year that was rated; how many rose or fell?
-- params: basis, node
-- publish: year, stars, organisations, risen, fallen = public
select year, stars, organisations, risen, fallen
from star
where basis = $basis and node_id = $node and year = (select max(year) from star)
order by stars desc

-- question study_mix
-- What did this place's members study, and for how many hours?
-- params: basis, node, from_month, to_month
-- publish: node_id = node; level = level; kind = band; hours, records = conduct
select node_id, level, kind, sum(hours) as hours, cast(sum(records) as bigint) as records
from study_month
where basis = $basis and node_id = $node and month between $from_month and $to_month
group by node_id, level, kind
order by hours desc, kind

-- question transfer_pipeline
-- At which step do this place's transfers stand at a month's end, and how many are overdue?
-- params: basis, node, month
-- publish: node_id = node; level = level; status = band; n = flow; overdue = rare
select node_id, level, status, n, overdue
from transfer_state
where basis = $basis and node_id = $node and month = $month
order by status

-- question transfer_pipeline_of_domain
-- At which step do the transfers of this place's organisations of one domain stand at a month's end?
-- params: basis, node, month, domain
-- publish: node_id = node; level = level; status = band; n = flow
select node_id, level, status, n
from domain_transfer_state
where basis = $basis and node_id = $node and month = $month and domain = $domain
order by status

-- question transfer_totals
-- How many members moved inside this place, into it and out of it?
-- params: basis, node, from_month, to_month
-- publish: node_id = node; level = level; inside, moved_in, moved_out = flow
-- gate: own
select
    n.node_id, n.level,
    cast(coalesce(sum(m.inside), 0) as bigint) as inside,
    cast(coalesce(sum(m.moved_in), 0) as bigint) as moved_in,
    cast(coalesce(sum(m.moved_out), 0) as bigint) as moved_out
from node n
left join move m
    on m.basis = n.basis and m.node_id = n.node_id and m.month between $from_month and $to_month
where n.key = $basis || ':' || $node
group by n.node_id, n.level

-- question transfer_totals_of_domain
-- How many members moved inside this place's organisations of one domain, into them and out of them?
-- params: basis, node, from_month, to_month, domain
-- publish: node_id = node; level = level; inside, moved_in, moved_out = flow
select
    n.node_id, n.level,
    cast(coalesce(sum(m.inside), 0) as bigint) as inside,
    cast(coalesce(sum(m.moved_in), 0) as bigint) as moved_in,
    cast(coalesce(sum(m.moved_out), 0) as bigint) as moved_out
from node n
left join domain_move m
    on m.basis = n.basis and m.node_id = n.node_id and m.domain = $domain and m.month between $from_month and $to_month
where n.key = $basis || ':' || $node
group by n.node_id, n.level

-- roll-up month
-- The months with data, from the first event to the data date.
with recursive span(day) as (
    select cast(r.first_month || '-01' as date) from rule r where r.first_month is not null
    union all
    select cast(s.day + interval '1 month' as date)
    from span s, rule r
    where left(cast(s.day + interval '1 month' as varchar), 7) <= r.last_month
)
select
    left(cast(day as varchar), 7) as month,
    day as first_day,
    cast(day + interval '1 month' - interval '1 day' as date) as last_day,
    -- A member's age in a month is the month's year less the year of birth: the day of birth is not kept.
    cast(extract(year from day) as bigint) as age_year
from span
order by month

-- roll-up place
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

-- roll-up superior
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

-- roll-up node
-- Both hierarchies in one table, in the order in which lists show them. A key is the hierarchy and the node in one,
-- for an index.
with gap as (select building_id, count(*) as gaps from unit where coverage = 'gap' group by building_id),
made as (
    select
        'place' as basis, p.node_id, p.level, p.parent_id, p.name, p.name_en, p.kind, p.floors, p.sort, q.lon, q.lat,
        coalesce(g.gaps, 0) as gaps,
        case p.level
            when 'district' then 0 when 'town' then 1 when 'community' then 2 when 'building' then 3 else 4
        end as depth
    from place p
    left join place_point q on q.node_id = p.node_id
    left join gap g on p.level = 'building' and g.building_id = p.node_id
    union all
    select 'affiliation', p.node_id, p.level, null, p.name, p.name_en, p.kind, null, 0, q.lon, q.lat, 0, 0
    from place p
    left join place_point q on q.node_id = p.node_id
    where p.level = 'district'
    union all
    select
        'affiliation', o.org_id,
        case o.kind
            when 'work_committee' then 'committee' when 'committee' then 'committee'
            when 'general_branch' then 'general_branch' else 'branch'
        end,
        s.parent_id, o.name, null, o.kind, null, 0, o.lon, o.lat, 0,
        case o.kind when 'work_committee' then 1 when 'committee' then 2 when 'general_branch' then 3 else 4 end
    from organisation o
    join superior s on s.org_id = o.org_id
)
select
    basis || ':' || node_id as key, basis || ':' || parent_id as parent_key,
    basis, node_id, level, parent_id, name, name_en, kind, floors, lon, lat, gaps,
    cast(row_number() over (partition by basis order by depth, parent_id, sort, node_id) as integer) as ord
from made
order by basis, ord

-- roll-up above
-- Each node with every node above it and itself, and what these are called. Floors without an organisation are left
-- out: they are most of all nodes, and their building says what is above.
with recursive used(node_id) as (
    select distinct building_id || '/' || cast(floor as varchar)
    from organisation
    where building_id is not null and floor is not null
),
walk(basis, node_id, ancestor_id, distance) as (
    select n.basis, n.node_id, n.node_id, 0
    from node n
    left join used u on u.node_id = n.node_id
    where n.level <> 'floor' or u.node_id is not null
    union all
    select w.basis, w.node_id, n.parent_id, w.distance + 1
    from walk w
    join node n on n.basis = w.basis and n.node_id = w.ancestor_id
    where n.parent_id is not null and w.distance < 50
)
select
    w.basis || ':' || w.node_id as key, w.basis, w.node_id, w.ancestor_id, w.distance,
    n.level, n.kind, n.parent_id, n.name, n.name_en, n.lon, n.lat
from walk w
join node n on n.basis = w.basis and n.node_id = w.ancestor_id
order by w.basis, w.node_id, w.distance

-- roll-up seat
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

-- roll-up closure
-- Each organisation with every node of both hierarchies that it counts in.
select a.basis, a.node_id as org_id, a.ancestor_id as node_id
from above a
join seat s on s.org_id = a.node_id
where a.basis = 'affiliation'
union all
select a.basis, s.org_id, a.ancestor_id
from seat s
join above a on a.basis = 'place' and a.node_id = s.place_node
order by basis, node_id, org_id

-- roll-up spell
-- From which month until which (exclusive) a member belonged to which organisation, and with which standing.
-- Today's branch is traced back through completed transfers: before a transfer the member belonged to its sender,
-- before one from outside to nobody here. A member moves in the month of the decision; a member is on probation
-- until the month of full standing. Who has left without a transfer is not counted: when is not known.
with decided as (
    select
        member_pid, from_org_id, left(cast(decided_at as varchar), 7) as month,
        row_number() over (partition by member_pid order by decided_at, transfer_id) as turn
    from transfer
    where status = 'completed' and member_pid is not null and decided_at is not null
),
past as (
    select
        member_pid, from_org_id as org_id,
        coalesce(lag(month) over (partition by member_pid order by turn), '0000-00') as first_month,
        month as until_month
    from decided
),
last_move as (select member_pid, max(month) as month from decided group by member_pid),
stay as (
    select member_pid, org_id, first_month, until_month from past
    union all
    select m.member_pid, m.branch_id, coalesce(d.month, '0000-00'), '9999-99'
    from member m
    left join last_move d on d.member_pid = m.member_pid
    where m.status in ('full', 'probationary')
),
whole as (
    select
        s.member_pid, s.org_id,
        greatest(s.first_month, coalesce(m.joined_month, '0000-00'), r.first_month) as first_month,
        s.until_month,
        case when m.status = 'probationary' then '9999-99' else coalesce(m.full_month, '0000-00') end as full_month
    from stay s
    cross join rule r
    left join member m on m.member_pid = s.member_pid
    join seat o on o.org_id = s.org_id
),
pieces as (
    select member_pid, org_id, first_month, least(until_month, full_month) as until_month, 'probationary' as standing
    from whole
    union all
    select member_pid, org_id, greatest(first_month, full_month), until_month, 'full' from whole
)
select p.member_pid, p.org_id, p.first_month, p.until_month, p.standing
from pieces p, rule r
where p.first_month < p.until_month and p.first_month <= r.last_month

-- roll-up signed
-- How many signed in at each activity; observers, duplicates and refused cards do not count.
select activity_id, count(*) as n
from attendance
where state in ('valid', 'late')
group by activity_id

-- roll-up held
-- Each activity that was held, with when, where, who was due and who came.
-- Who came is the greater of what was reported and what was signed; nobody came who was not due, so due is never
-- less. The day of a month on which the set share of its theme days fell is the unified day.
with took_place as (
    select
        a.activity_id, a.org_id, a.institution,
        left(cast(a.start_at as varchar), 7) as month,
        cast(a.start_at as date) as on_date,
        cast(date_trunc('week', a.start_at) as date) as week,
        cast(extract(hour from a.start_at) as integer) as hour,
        coalesce(a.due_count, a.attended_count + coalesce(a.absent_count, 0), 0) as reported_due,
        coalesce(a.attended_count, 0) as reported,
        coalesce(a.leave_count, 0) as on_leave,
        coalesce(a.lon, p.lon, s.lon) as lon,
        coalesce(a.lat, p.lat, s.lat) as lat
    from activity a
    join seat s on s.org_id = a.org_id
    left join position p on p.position_id = a.position_id
    where a.status in ('held', 'approved') and a.start_at is not null
),
theme as (
    select
        month, on_date, count(*) as n, sum(count(*)) over (partition by month) as month_n,
        row_number() over (partition by month order by count(*) desc, on_date) as place
    from took_place
    where institution = 'theme_day'
    group by month, on_date
),
unified as (select t.on_date from theme t, rule r where t.place = 1 and t.n >= r.unified_day_share * t.month_n)
select
    t.activity_id, t.org_id, t.institution, t.month, t.on_date, t.week, t.hour,
    case
        when u.on_date is not null then 'unified'
        when coalesce(w.is_workday, extract(isodow from t.on_date) < 6) then 'workday'
        else 'weekend'
    end as day_kind,
    t.reported_due, t.reported,
    cast(greatest(t.reported, coalesce(g.n, 0)) as bigint) as attended,
    cast(greatest(t.reported_due, t.reported, coalesce(g.n, 0)) as bigint) as due,
    t.on_leave,
    cast(floor(6378137 * radians(t.lon) / 250) as integer) as x,
    cast(floor(6378137 * ln(tan(pi() / 4 + radians(t.lat) / 2)) / 250) as integer) as y
from took_place t
join month m on m.month = t.month
left join unified u on u.on_date = t.on_date
left join workday w on w.day = t.on_date
left join signed g on g.activity_id = t.activity_id
order by t.month, t.activity_id

-- roll-up studied
-- Whom study is expected of in each month, and who is behind.
-- Looked at are the last twelve months, so far as the member was here and study was recorded; a twelfth of the year's
-- hours falls to each. After twelve months whoever has less is behind, before that whoever has less than half, since
-- study has its seasons (after the rule for warnings: half of the share in the year, all of it at the end).
-- Before the first record of study there is nothing to be behind of.
with first_record as (select left(cast(min(on_date) as varchar), 7) as month from study_record),
hours as (
    select member_pid, left(cast(on_date as varchar), 7) as month, sum(hours) as hours
    from study_record
    group by member_pid, left(cast(on_date as varchar), 7)
),
present as (
    select s.member_pid, s.org_id, m.month, coalesce(h.hours, 0) as hours
    from spell s
    join first_record f on f.month is not null
    join month m on m.month >= s.first_month and m.month < s.until_month and m.month >= f.month
    left join member p on p.member_pid = s.member_pid
    left join hours h on h.member_pid = s.member_pid and h.month = m.month
    where not coalesce(p.exempt_study, false)
),
window_of as (
    select
        org_id, month,
        sum(hours) over (partition by member_pid order by month rows between 11 preceding and current row) as done,
        count(*) over (partition by member_pid order by month rows between 11 preceding and current row) as months
    from present
)
select
    t.org_id, t.month,
    count(*) as members,
    cast(sum(
        case
            when t.done < r.study_hours_year / 12 * t.months * (case when t.months < 12 then 0.5 else 1.0 end) - 0.000001
            then 1 else 0
        end
    ) as bigint) as lagging
from window_of t, rule r
group by t.org_id, t.month

-- roll-up leaf
-- What each organisation itself counts in each month.
with head as (
    select org_id, first_month, until_month, standing, count(*) as n
    from spell
    group by org_id, first_month, until_month, standing
),
members as (
    select h.org_id, m.month, sum(h.n) as members, sum(case when h.standing = 'full' then h.n else 0 end) as full_members
    from head h
    join month m on m.month >= h.first_month and m.month < h.until_month
    group by h.org_id, m.month
),
joined as (
    select s.org_id, p.joined_month as month, count(*) as n
    from spell s
    join member p on p.member_pid = s.member_pid
    where p.joined_month >= s.first_month and p.joined_month < s.until_month
    group by s.org_id, p.joined_month
),
done as (
    select from_org_id, to_org_id, left(cast(decided_at as varchar), 7) as month
    from transfer
    where status = 'completed' and decided_at is not null
),
moved_in as (select to_org_id as org_id, month, count(*) as n from done group by to_org_id, month),
moved_out as (select from_org_id as org_id, month, count(*) as n from done group by from_org_id, month),
met as (
    select org_id, month, count(*) as activities, sum(due) as due, sum(attended) as attended, sum(on_leave) as on_leave
    from held
    group by org_id, month
),
study as (
    select branch_id as org_id, left(cast(on_date as varchar), 7) as month, sum(hours) as hours
    from study_record
    group by branch_id, left(cast(on_date as varchar), 7)
)
select
    s.org_id, m.month,
    cast(coalesce(h.members, 0) as bigint) as members,
    cast(coalesce(h.full_members, 0) as bigint) as full_members,
    cast(coalesce(h.members - h.full_members, 0) as bigint) as probationary,
    coalesce(j.n, 0) as joined,
    coalesce(i.n, 0) as transfers_in,
    coalesce(o.n, 0) as transfers_out,
    coalesce(e.activities, 0) as activities,
    cast(coalesce(e.due, 0) as bigint) as due,
    cast(coalesce(e.attended, 0) as bigint) as attended,
    cast(coalesce(e.on_leave, 0) as bigint) as on_leave,
    cast(coalesce(d.liable_count, 0) as bigint) as dues_liable,
    cast(coalesce(d.paid_count, 0) as bigint) as dues_paid,
    coalesce(t.members, 0) as study_members,
    cast(coalesce(y.hours, 0) as double precision) as study_hours,
    coalesce(t.lagging, 0) as study_lagging
from seat s
cross join month m
left join members h on h.org_id = s.org_id and h.month = m.month
left join joined j on j.org_id = s.org_id and j.month = m.month
left join moved_in i on i.org_id = s.org_id and i.month = m.month
left join moved_out o on o.org_id = s.org_id and o.month = m.month
left join met e on e.org_id = s.org_id and e.month = m.month
left join dues_month d on d.branch_id = s.org_id and d.month = m.month
left join studied t on t.org_id = s.org_id and t.month = m.month
left join study y on y.org_id = s.org_id and y.month = m.month
order by m.month, s.org_id

-- roll-up tree
-- What each node of both hierarchies counts in each month: the sum of its organisations.
-- Upper nodes stand here even when they count nothing. The path leads from the district down to the node.
with counting as (
    select * from node where level in ('district', 'town', 'community')
    union
    select n.* from node n where exists (select 1 from closure c where c.basis = n.basis and c.node_id = n.node_id)
),
path as (
    select a.basis, a.node_id, '/' || string_agg(a.ancestor_id, '/' order by a.distance desc) || '/' as path
    from above a
    join counting n on n.basis = a.basis and n.node_id = a.node_id
    group by a.basis, a.node_id
),
grown as (
    select
        c.basis, c.node_id, l.month,
        cast(sum(case when i.inside then 1 else 0 end) as bigint) as organisations,
        cast(sum(case when i.inside and i.level = 'committee' then 1 else 0 end) as bigint) as committees,
        cast(sum(case when i.inside and i.level = 'general_branch' then 1 else 0 end) as bigint) as general_branches,
        cast(sum(case when i.inside and i.level = 'branch' then 1 else 0 end) as bigint) as branches,
        cast(sum(l.members) as bigint) as members,
        cast(sum(l.full_members) as bigint) as full_members,
        cast(sum(l.probationary) as bigint) as probationary,
        cast(sum(l.joined) as bigint) as joined,
        cast(sum(l.transfers_in) as bigint) as transfers_in,
        cast(sum(l.transfers_out) as bigint) as transfers_out,
        cast(sum(l.activities) as bigint) as activities,
        cast(sum(l.due) as bigint) as due,
        cast(sum(l.attended) as bigint) as attended,
        cast(sum(l.on_leave) as bigint) as on_leave,
        cast(sum(l.dues_liable) as bigint) as dues_liable,
        cast(sum(l.dues_paid) as bigint) as dues_paid,
        cast(sum(l.study_members) as bigint) as study_members,
        cast(sum(l.study_lagging) as bigint) as study_lagging,
        sum(l.study_hours) as study_hours
    from closure c
    join leaf l on l.org_id = c.org_id
    join (
        select s.org_id, s.level, m.month, s.first_month <= m.month and s.until_month > m.month as inside
        from seat s, month m
    ) i on i.org_id = l.org_id and i.month = l.month
    group by c.basis, c.node_id, l.month
)
select
    n.key, n.parent_key, n.basis, n.node_id, n.level, n.parent_id, n.name, n.name_en, n.kind, n.ord, p.path, m.month,
    coalesce(g.organisations, 0) as organisations,
    coalesce(g.committees, 0) as committees,
    coalesce(g.general_branches, 0) as general_branches,
    coalesce(g.branches, 0) as branches,
    coalesce(g.members, 0) as members,
    coalesce(g.full_members, 0) as full_members,
    coalesce(g.probationary, 0) as probationary,
    coalesce(g.joined, 0) as joined,
    coalesce(g.transfers_in, 0) as transfers_in,
    coalesce(g.transfers_out, 0) as transfers_out,
    coalesce(g.activities, 0) as activities,
    coalesce(g.due, 0) as due,
    coalesce(g.attended, 0) as attended,
    coalesce(g.on_leave, 0) as on_leave,
    coalesce(g.dues_liable, 0) as dues_liable,
    coalesce(g.dues_paid, 0) as dues_paid,
    coalesce(g.study_members, 0) as study_members,
    coalesce(g.study_lagging, 0) as study_lagging,
    coalesce(g.study_hours, 0) as study_hours
from counting n
cross join month m
join path p on p.basis = n.basis and p.node_id = n.node_id
left join grown g on g.basis = n.basis and g.node_id = n.node_id and g.month = m.month
where g.node_id is not null or n.level in ('district', 'town', 'community')
order by m.month, n.basis, n.ord

-- roll-up institution_month
-- Which institutions of organisation life were kept under each node, by how many organisations.
with own as (
    select org_id, month, institution, count(*) as held, sum(due) as due, sum(attended) as attended
    from held
    group by org_id, month, institution
)
select
    c.basis, c.node_id, n.level, o.month, o.institution,
    cast(sum(o.held) as bigint) as held,
    cast(sum(o.due) as bigint) as due,
    cast(sum(o.attended) as bigint) as attended,
    count(*) as organisations
from own o
join closure c on c.org_id = o.org_id
join node n on n.basis = c.basis and n.node_id = c.node_id
group by c.basis, c.node_id, n.level, o.month, o.institution
order by c.basis, c.node_id, o.month

-- roll-up week
-- Activities and attendance under each node by week (its Monday).
with own as (
    select org_id, week, count(*) as activities, sum(due) as due, sum(attended) as attended
    from held
    group by org_id, week
)
select
    c.basis, c.node_id, n.level, o.week,
    cast(sum(o.activities) as bigint) as activities,
    cast(sum(o.due) as bigint) as due,
    cast(sum(o.attended) as bigint) as attended
from own o
join closure c on c.org_id = o.org_id
join node n on n.basis = c.basis and n.node_id = c.node_id
group by c.basis, c.node_id, n.level, o.week
order by c.basis, c.node_id, o.week

-- roll-up day
-- Activities and attendance by day, for district, towns and communities.
select
    c.basis, c.node_id, h.on_date,
    count(*) as activities,
    cast(sum(h.due) as bigint) as due,
    cast(sum(h.attended) as bigint) as attended
from held h
join closure c on c.org_id = h.org_id
join node n on n.basis = c.basis and n.node_id = c.node_id
where c.basis = 'place' and n.level in ('district', 'town', 'community')
group by c.basis, c.node_id, h.on_date
order by c.node_id, h.on_date

-- roll-up heat
-- Activity heat: cells of 250 m (lod 0) and 1000 m (lod 1) of the Web Mercator lattice, by month, kind of day, hour.
with grain as (select 0 as lod, 1 as step union all select 1, 4)
select
    cast(floor(h.x / cast(g.step as double precision)) as integer) as cell_x,
    cast(floor(h.y / cast(g.step as double precision)) as integer) as cell_y,
    g.lod, h.month, h.day_kind, h.hour,
    count(*) as activities,
    cast(sum(h.attended) as bigint) as attended,
    count(distinct h.org_id) as organisations
from held h
cross join grain g
where h.x is not null and h.y is not null
group by 1, 2, 3, 4, 5, 6
order by g.lod, h.month, h.day_kind, h.hour

-- roll-up heat_month
-- Activity heat of whole months.
with grain as (select 0 as lod, 1 as step union all select 1, 4)
select
    cast(floor(h.x / cast(g.step as double precision)) as integer) as cell_x,
    cast(floor(h.y / cast(g.step as double precision)) as integer) as cell_y,
    g.lod, h.month,
    count(*) as activities,
    cast(sum(h.attended) as bigint) as attended,
    count(distinct h.org_id) as organisations
from held h
cross join grain g
where h.x is not null and h.y is not null
group by 1, 2, 3, 4
order by g.lod, h.month

-- roll-up heat_members
-- Members of the last month by the cell in which their organisation stands.
with grain as (select 0 as lod, 250 as metres union all select 1, 1000)
select
    cast(floor(6378137 * radians(s.lon) / g.metres) as integer) as cell_x,
    cast(floor(6378137 * ln(tan(pi() / 4 + radians(s.lat) / 2)) / g.metres) as integer) as cell_y,
    g.lod,
    cast(sum(l.members) as bigint) as members,
    count(*) as organisations
from seat s
join rule r on r.last_month >= s.first_month and r.last_month < s.until_month
join leaf l on l.org_id = s.org_id and l.month = r.last_month
cross join grain g
where s.lon is not null and s.lat is not null
group by 1, 2, 3
order by g.lod

-- roll-up member_cube
-- Members of the upper nodes by age, sex, education, standing, time of joining and work.
-- Ages as in the month's age_year; bands of age and of joining are those of the national bulletin.
with upper as (
    select c.org_id, c.basis, c.node_id, n.level
    from closure c
    join node n on n.basis = c.basis and n.node_id = c.node_id
    where n.level in ('district', 'town', 'community', 'committee', 'general_branch')
),
person as (
    select
        s.org_id, s.first_month, s.until_month, s.standing, p.birth_year,
        coalesce(p.sex, 'u') as sex,
        coalesce(p.education, 'unknown') as education,
        coalesce(p.occupation, 'other') as occupation,
        case
            when p.joined_month is null then 'unknown'
                when p.joined_month < '1949-10' then '..1949-09'
                when p.joined_month < '1966-05' then '1949-10..1966-04'
                when p.joined_month < '1976-11' then '1966-05..1976-10'
                when p.joined_month < '2002-11' then '1976-11..2002-10'
                when p.joined_month < '2012-11' then '2002-11..2012-10'
                else '2012-11..'
            end as joined
    from spell s
    left join member p on p.member_pid = s.member_pid
),
aged as (
    select p.org_id, p.first_month, p.until_month, y.age_year, y.age_year - p.birth_year as age, count(*) as n
    from person p
    cross join (select distinct age_year from month) y
    group by p.org_id, p.first_month, p.until_month, y.age_year, y.age_year - p.birth_year
),
counted as (
    select org_id, first_month, until_month, cast(null as bigint) as age_year, 'sex' as dim, sex as band, count(*) as n
    from person group by org_id, first_month, until_month, sex
    union all
    select org_id, first_month, until_month, null, 'education', education, count(*)
    from person group by org_id, first_month, until_month, education
    union all
    select org_id, first_month, until_month, null, 'status', standing, count(*)
    from person group by org_id, first_month, until_month, standing
    union all
    select org_id, first_month, until_month, null, 'occupation', occupation, count(*)
    from person group by org_id, first_month, until_month, occupation
    union all
    select org_id, first_month, until_month, null, 'joined', joined, count(*)
    from person group by org_id, first_month, until_month, joined
    union all
    select
        org_id, first_month, until_month, age_year, 'age',
        case
            when age is null then 'unknown'
            when age <= 30 then '≤30'
            when age <= 35 then '31–35'
            when age <= 40 then '36–40'
            when age <= 45 then '41–45'
            when age <= 50 then '46–50'
            when age <= 55 then '51–55'
            when age <= 60 then '56–60'
            else '≥61'
        end,
        cast(sum(n) as bigint)
    from aged group by 1, 2, 3, 4, 5, 6
),
grown as (
    select u.basis, u.node_id, u.level, c.first_month, c.until_month, c.age_year, c.dim, c.band, sum(c.n) as n
    from counted c
    join upper u on u.org_id = c.org_id
    group by 1, 2, 3, 4, 5, 6, 7, 8
)
select
    g.basis, g.node_id, g.level, m.month, g.dim, g.band,
    cast(sum(g.n) as bigint) as n,
    case g.band
        when '≤30' then 0 when '31–35' then 1 when '36–40' then 2 when '41–45' then 3
        when '46–50' then 4 when '51–55' then 5 when '56–60' then 6 when '≥61' then 7
        when 'f' then 0 when 'm' then 1
        when 'postgrad' then 0 when 'bachelor' then 1 when 'college' then 2 when 'secondary' then 3 when 'junior' then 4
        when 'full' then 0 when 'probationary' then 1
        when '..1949-09' then 0 when '1949-10..1966-04' then 1 when '1966-05..1976-10' then 2
        when '1976-11..2002-10' then 3 when '2002-11..2012-10' then 4 when '2012-11..' then 5
        when 'worker' then 0 when 'farmer' then 1 when 'professional' then 2 when 'manager' then 3
        when 'civil_servant' then 4 when 'student' then 5 when 'retired' then 6 when 'other' then 7
        else 9
    end as ord
from grown g
join month m
    on m.month >= g.first_month and m.month < g.until_month and (g.age_year is null or g.age_year = m.age_year)
group by g.basis, g.node_id, g.level, m.month, g.dim, g.band
order by g.basis, g.node_id, m.month, g.dim

-- roll-up domain_month
-- Organisations and members under each node by domain and kind.
select
    c.basis, c.node_id, n.level, l.month, coalesce(s.domain, 'other') as domain, s.kind,
    cast(sum(case when s.first_month <= l.month and s.until_month > l.month then 1 else 0 end) as bigint) as organisations,
    cast(sum(l.members) as bigint) as members
from closure c
join seat s on s.org_id = c.org_id
join leaf l on l.org_id = c.org_id
join node n on n.basis = c.basis and n.node_id = c.node_id
group by c.basis, c.node_id, n.level, l.month, coalesce(s.domain, 'other'), s.kind
having sum(l.members) > 0 or sum(case when s.first_month <= l.month and s.until_month > l.month then 1 else 0 end) > 0
order by c.basis, c.node_id, l.month

-- roll-up study_month
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

-- roll-up move
-- Completed transfers inside each node, into it and out of it.
with done as (
    select transfer_id, from_org_id, to_org_id, left(cast(decided_at as varchar), 7) as month
    from transfer
    where status = 'completed' and decided_at is not null
),
touched as (
    select d.transfer_id, d.month, c.basis, c.node_id, 1 as leaves, 0 as arrives
    from done d join closure c on c.org_id = d.from_org_id
    union all
    select d.transfer_id, d.month, c.basis, c.node_id, 0, 1
    from done d join closure c on c.org_id = d.to_org_id
),
once as (
    select transfer_id, month, basis, node_id, max(leaves) as leaves, max(arrives) as arrives
    from touched
    group by transfer_id, month, basis, node_id
)
select
    o.basis, o.node_id, o.month,
    cast(sum(o.leaves * o.arrives) as bigint) as inside,
    cast(sum((1 - o.leaves) * o.arrives) as bigint) as moved_in,
    cast(sum(o.leaves * (1 - o.arrives)) as bigint) as moved_out
from once o
join month m on m.month = o.month
group by o.basis, o.node_id, o.month
order by o.basis, o.node_id, o.month

-- roll-up calendar
-- Workdays passed by each day since the first that a transfer names, three years back at most; Monday to Friday where no calendar was handed over.
with recursive days(day) as (
    select coalesce(
        greatest(
            least(cast(min(step_entered_at) as date), min(applied_on), min(letter_issued_on)),
            cast(max(r.as_of) - interval '3 year' as date)
        ),
        max(r.as_of)
    )
    from transfer, rule r
    union all
    select cast(d.day + interval '1 day' as date) from days d, rule r where d.day < r.as_of
)
select
    d.day,
    cast(sum(case when coalesce(w.is_workday, extract(isodow from d.day) < 6) then 1 else 0 end)
        over (order by d.day) as integer) as workdays
from days d
left join workday w on w.day = d.day
where d.day is not null

-- roll-up transfer_state
-- Where transfers stood at each month's end: decided ones in the month of the decision, open ones by their step.
-- The step is known for the last month only; in earlier months an open transfer is 'pending' and overdue unknown.
-- Overdue is a step that took more workdays than the rule allows. A transfer counts under both its ends.
with stood as (
    select
        t.transfer_id, t.from_org_id, t.to_org_id, m.month, t.status,
        case
            when t.status not like 'pending%' then 0
            when l.workdays - coalesce(c.workdays, 0) > r.step_workdays then 1
            else 0
        end as overdue
    from transfer t
    cross join rule r
    join month m on m.month = case
        when t.decided_at is not null then left(cast(t.decided_at as varchar), 7) else r.last_month end
    left join calendar l on l.day = r.as_of
    left join calendar c on c.day = cast(coalesce(t.step_entered_at, t.applied_on) as date)
    where t.status <> 'draft'
    union all
    select t.transfer_id, t.from_org_id, t.to_org_id, m.month, 'pending', null
    from transfer t
    cross join rule r
    join month m
        on m.month < r.last_month and t.applied_on <= m.last_day
        and (t.decided_at is null or cast(t.decided_at as date) > m.last_day)
    where t.status <> 'draft'
),
ended as (
    select transfer_id, month, status, overdue, from_org_id as org_id from stood
    union
    select transfer_id, month, status, overdue, to_org_id from stood
),
touched as (
    select distinct e.transfer_id, e.month, e.status, e.overdue, c.basis, c.node_id
    from ended e
    join closure c on c.org_id = e.org_id
)
select
    t.basis, t.node_id, n.level, t.month, t.status,
    count(*) as n,
    cast(sum(t.overdue) as bigint) as overdue
from touched t
join node n on n.basis = t.basis and n.node_id = t.node_id
group by t.basis, t.node_id, n.level, t.month, t.status
order by t.basis, t.node_id, t.month

-- roll-up annual
-- Of each year: appraisal, branches that held their organisation-life meeting, members lost and found up to its end.
-- Branches are those of the following March, or of the last month when that has not come.
with year as (
    select distinct year from appraisal_year
    union
    select distinct cast(left(month, 4) as integer) from month
    union
    select distinct for_year from activity where institution = 'org_life_meeting' and for_year is not null
),
counted as (
    select
        y.year,
        greatest(r.first_month, least(r.last_month, cast(y.year + 1 as varchar) || '-03')) as month,
        cast(cast(y.year as varchar) || '-12-31' as date) as last_day
    from year y, rule r
),
life as (
    select distinct org_id, coalesce(for_year, cast(extract(year from start_at) as integer)) as year
    from activity
    where institution = 'org_life_meeting' and status in ('held', 'approved')
),
missed as (
    select
        m.branch_id as org_id, y.year,
        count(*) as lost_total,
        cast(sum(case when m.contact_state = 'found' and coalesce(m.found_on <= y.last_day, true) then 1 else 0 end)
            as bigint) as lost_found
    from member m
    join counted y on coalesce(m.lost_since <= y.last_day, true)
    where m.contact_state in ('lost', 'found')
    group by m.branch_id, y.year
),
own as (
    select
        s.org_id, y.year,
        coalesce(a.eligible, 0) as eligible,
        coalesce(a.participated, 0) as participated,
        case when s.level = 'branch' and s.first_month <= y.month and s.until_month > y.month then 1 else 0 end as branch,
        case when l.org_id is not null then 1 else 0 end as done,
        coalesce(m.lost_total, 0) as lost_total,
        coalesce(m.lost_found, 0) as lost_found
    from seat s
    cross join counted y
    left join appraisal_year a on a.org_id = s.org_id and a.year = y.year
    left join life l on l.org_id = s.org_id and l.year = y.year
    left join missed m on m.org_id = s.org_id and m.year = y.year
)
select
    c.basis, c.node_id, n.level, o.year,
    cast(sum(o.eligible) as bigint) as appraisal_eligible,
    cast(sum(o.participated) as bigint) as appraised,
    cast(sum(o.branch * o.done) as bigint) as org_life_branches_done,
    cast(sum(o.branch) as bigint) as branches,
    cast(sum(o.lost_total) as bigint) as lost_total,
    cast(sum(o.lost_found) as bigint) as lost_found
from own o
join closure c on c.org_id = o.org_id
join node n on n.basis = c.basis and n.node_id = c.node_id
group by c.basis, c.node_id, n.level, o.year
order by c.basis, c.node_id, o.year

-- roll-up position_seat
-- Positions with the town they stand in, by their own region or their organisation's.
select
    p.position_id, p.name, p.kind, coalesce(p.lon, s.lon) as lon, coalesce(p.lat, s.lat) as lat,
    coalesce(p.featured, false) as featured, p.org_id,
    coalesce(g.node_id, s.community_id) as region_id,
    coalesce(max(case when t.level = 'town' then t.node_id end), s.town_id) as town_id
from position p
left join place g on g.node_id = p.region_id
left join above a on a.basis = 'place' and a.node_id = g.node_id
left join place t on t.node_id = a.ancestor_id
left join seat s on s.org_id = p.org_id
group by p.position_id, p.name, p.kind, p.lon, p.lat, p.featured, p.org_id, g.node_id,
    s.community_id, s.town_id, s.lon, s.lat
order by p.position_id

-- roll-up unit_seat
-- Units by the building and floor they stand on.
select u.building_id, u.floor, u.unit_id, u.name, u.coverage, u.org_id
from unit u
join place b on b.node_id = u.building_id and b.level = 'building'
order by u.building_id, u.floor

-- roll-up searchable
-- Everything that can be looked for by name.
select
    case when n.level = 'building' then 'building' else 'place' end as kind,
    n.node_id as id, n.name, n.name_en, p.name as parent_name, n.node_id as place_id
from node n
left join node p on p.basis = n.basis and p.node_id = n.parent_id
where n.basis = 'place' and n.level <> 'floor' and n.name is not null
union all
select 'organisation', s.org_id, s.name, null, s.region_name, s.place_node
from seat s
cross join rule r
where s.name is not null and s.first_month <= r.last_month and s.until_month > r.last_month

-- roll-up dated_move
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

-- roll-up domain_tree
-- What each node of both hierarchies counts in each month in one domain: the sum of its organisations of that domain.
select
    c.basis || ':' || c.node_id as key, c.basis || ':' || n.parent_id as parent_key,
    c.basis, c.node_id, n.level, l.month, coalesce(s.domain, 'other') as domain,
    cast(sum(case when s.first_month <= l.month and s.until_month > l.month then 1 else 0 end) as bigint) as organisations,
    cast(sum(case when s.level = 'branch' and s.first_month <= l.month and s.until_month > l.month then 1 else 0 end)
        as bigint) as branches,
    cast(sum(l.members) as bigint) as members,
    cast(sum(l.activities) as bigint) as activities,
    cast(sum(l.due) as bigint) as due,
    cast(sum(l.attended) as bigint) as attended,
    cast(sum(l.dues_liable) as bigint) as dues_liable,
    cast(sum(l.dues_paid) as bigint) as dues_paid,
    cast(sum(l.study_members) as bigint) as study_members,
    cast(sum(l.study_lagging) as bigint) as study_lagging,
    sum(l.study_hours) as study_hours
from closure c
join seat s on s.org_id = c.org_id
join leaf l on l.org_id = c.org_id
join node n on n.basis = c.basis and n.node_id = c.node_id
group by c.basis, c.node_id, n.parent_id, n.level, l.month, coalesce(s.domain, 'other')
order by c.basis, c.node_id, l.month

-- roll-up domain_week
-- Activities under each upper node by week (its Monday) and domain.
with own as (
    select h.week, h.org_id, coalesce(s.domain, 'other') as domain, count(*) as activities
    from held h
    join seat s on s.org_id = h.org_id
    group by h.week, h.org_id, coalesce(s.domain, 'other')
)
select c.basis, c.node_id, n.level, o.week, o.domain, cast(sum(o.activities) as bigint) as activities
from own o
join closure c on c.org_id = o.org_id
join node n on n.basis = c.basis and n.node_id = c.node_id
where n.level in ('district', 'town', 'community', 'committee', 'general_branch')
group by c.basis, c.node_id, n.level, o.week, o.domain
order by c.basis, c.node_id, o.domain, o.week

-- roll-up open_step
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

-- roll-up domain_institution
-- Which institutions of organisation life were kept under each upper node in one domain, by how many organisations.
with own as (
    select org_id, month, institution, count(*) as held
    from held
    group by org_id, month, institution
)
select
    c.basis, c.node_id, n.level, o.month, coalesce(s.domain, 'other') as domain, o.institution,
    cast(sum(o.held) as bigint) as held,
    count(*) as organisations
from own o
join seat s on s.org_id = o.org_id
join closure c on c.org_id = o.org_id
join node n on n.basis = c.basis and n.node_id = c.node_id
group by c.basis, c.node_id, n.level, o.month, coalesce(s.domain, 'other'), o.institution
order by c.basis, c.node_id, o.month

-- roll-up domain_heat
-- Activity heat by domain: cells of 250 m (lod 0) and 1000 m (lod 1), by month, kind of day, hour.
with grain as (select 0 as lod, 1 as step union all select 1, 4)
select
    cast(floor(h.x / cast(g.step as double precision)) as integer) as cell_x,
    cast(floor(h.y / cast(g.step as double precision)) as integer) as cell_y,
    g.lod, h.month, h.day_kind, h.hour, coalesce(s.domain, 'other') as domain,
    count(*) as activities,
    cast(sum(h.attended) as bigint) as attended,
    count(distinct h.org_id) as organisations
from held h
join seat s on s.org_id = h.org_id
cross join grain g
where h.x is not null and h.y is not null
group by 1, 2, 3, 4, 5, 6, 7
order by g.lod, coalesce(s.domain, 'other'), h.month

-- roll-up domain_heat_members
-- Members of the last month by domain and the cell in which their organisation stands.
with grain as (select 0 as lod, 250 as metres union all select 1, 1000)
select
    cast(floor(6378137 * radians(s.lon) / g.metres) as integer) as cell_x,
    cast(floor(6378137 * ln(tan(pi() / 4 + radians(s.lat) / 2)) / g.metres) as integer) as cell_y,
    g.lod, coalesce(s.domain, 'other') as domain,
    cast(sum(l.members) as bigint) as members
from seat s
join rule r on r.last_month >= s.first_month and r.last_month < s.until_month
join leaf l on l.org_id = s.org_id and l.month = r.last_month
cross join grain g
where s.lon is not null and s.lat is not null
group by 1, 2, 3, 4
order by g.lod, coalesce(s.domain, 'other')

-- roll-up domain_move
-- Completed transfers inside each node's organisations of one domain, into these and out of these.
with done as (
    select transfer_id, from_org_id, to_org_id, left(cast(decided_at as varchar), 7) as month
    from transfer
    where status = 'completed' and decided_at is not null
),
touched as (
    select d.transfer_id, d.month, c.basis, c.node_id, coalesce(s.domain, 'other') as domain, 1 as leaves, 0 as arrives
    from done d
    join seat s on s.org_id = d.from_org_id
    join closure c on c.org_id = d.from_org_id
    union all
    select d.transfer_id, d.month, c.basis, c.node_id, coalesce(s.domain, 'other'), 0, 1
    from done d
    join seat s on s.org_id = d.to_org_id
    join closure c on c.org_id = d.to_org_id
),
once as (
    select transfer_id, month, basis, node_id, domain, max(leaves) as leaves, max(arrives) as arrives
    from touched
    group by transfer_id, month, basis, node_id, domain
)
select
    o.basis, o.node_id, o.month, o.domain,
    cast(sum(o.leaves * o.arrives) as bigint) as inside,
    cast(sum((1 - o.leaves) * o.arrives) as bigint) as moved_in,
    cast(sum(o.leaves * (1 - o.arrives)) as bigint) as moved_out
from once o
join month m on m.month = o.month
group by o.basis, o.node_id, o.month, o.domain
order by o.basis, o.node_id, o.month

-- roll-up domain_transfer_state
-- Where transfers of one domain stood at each month's end; as in transfer_state, without what is overdue.
-- A transfer counts under the organisations of the domain at either of its ends.
with stood as (
    select
        t.transfer_id, t.from_org_id, t.to_org_id, m.month, t.status
    from transfer t
    cross join rule r
    join month m on m.month = case
        when t.decided_at is not null then left(cast(t.decided_at as varchar), 7) else r.last_month end
    where t.status <> 'draft'
    union all
    select t.transfer_id, t.from_org_id, t.to_org_id, m.month, 'pending'
    from transfer t
    cross join rule r
    join month m
        on m.month < r.last_month and t.applied_on <= m.last_day
        and (t.decided_at is null or cast(t.decided_at as date) > m.last_day)
    where t.status <> 'draft'
),
ended as (
    select transfer_id, month, status, from_org_id as org_id from stood
    union
    select transfer_id, month, status, to_org_id from stood
),
touched as (
    select distinct e.transfer_id, e.month, e.status, c.basis, c.node_id, coalesce(o.domain, 'other') as domain
    from ended e
    join seat o on o.org_id = e.org_id
    join closure c on c.org_id = e.org_id
)
select t.basis, t.node_id, n.level, t.month, t.domain, t.status, count(*) as n
from touched t
join node n on n.basis = t.basis and n.node_id = t.node_id
group by t.basis, t.node_id, n.level, t.month, t.domain, t.status
order by t.basis, t.node_id, t.month

-- roll-up domain_annual
-- Of each year and domain: appraisal, and branches that held their organisation-life meeting.
-- Branches are those of the following March, or of the last month when that has not come.
with year as (
    select distinct year from appraisal_year
    union
    select distinct cast(left(month, 4) as integer) from month
    union
    select distinct for_year from activity where institution = 'org_life_meeting' and for_year is not null
),
counted as (
    select
        y.year,
        greatest(r.first_month, least(r.last_month, cast(y.year + 1 as varchar) || '-03')) as month
    from year y, rule r
),
life as (
    select distinct org_id, coalesce(for_year, cast(extract(year from start_at) as integer)) as year
    from activity
    where institution = 'org_life_meeting' and status in ('held', 'approved')
),
own as (
    select
        s.org_id, coalesce(s.domain, 'other') as domain, y.year,
        coalesce(a.eligible, 0) as eligible,
        coalesce(a.participated, 0) as participated,
        case when s.level = 'branch' and s.first_month <= y.month and s.until_month > y.month then 1 else 0 end as branch,
        case when l.org_id is not null then 1 else 0 end as done
    from seat s
    cross join counted y
    left join appraisal_year a on a.org_id = s.org_id and a.year = y.year
    left join life l on l.org_id = s.org_id and l.year = y.year
)
select
    c.basis, c.node_id, n.level, o.year, o.domain,
    cast(sum(o.eligible) as bigint) as appraisal_eligible,
    cast(sum(o.participated) as bigint) as appraised,
    cast(sum(o.branch * o.done) as bigint) as org_life_branches_done,
    cast(sum(o.branch) as bigint) as branches
from own o
join closure c on c.org_id = o.org_id
join node n on n.basis = c.basis and n.node_id = c.node_id
group by c.basis, c.node_id, n.level, o.year, o.domain
order by c.basis, c.node_id, o.year

-- roll-up blank
-- Buildings with units that no organisation covers although three or more members work there, by the building's point.
select
    b.node_id as building_id, b.name, b.parent_id as community_id, q.lon, q.lat,
    count(*) as units,
    cast(sum(u.member_count) as bigint) as members
from unit u
join place b on b.node_id = u.building_id and b.level = 'building'
join place_point q on q.node_id = b.node_id
where u.coverage = 'gap' and u.member_count >= 3
group by b.node_id, b.name, b.parent_id, q.lon, q.lat
order by b.node_id

-- roll-up campaign
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

-- roll-up star
-- How many organisations have how many stars under each node in each year, and how many rose or fell.
select
    c.basis, c.node_id, s.year, s.stars, count(*) as organisations,
    cast(sum(case when s.stars > s.prev_stars then 1 else 0 end) as bigint) as risen,
    cast(sum(case when s.stars < s.prev_stars then 1 else 0 end) as bigint) as fallen
from star_rating s
join closure c on c.org_id = s.org_id
group by c.basis, c.node_id, s.year, s.stars
order by c.basis, c.node_id, s.year, s.stars

-- roll-up branch_cell
-- Branches by cell, 1000 m wide in the district and 250 m in a town: what a map draws of places with more branches
-- than it can draw one by one. lon_e5 and lat_e5 are sums of whole hundred-thousandths of a degree, so that every
-- engine adds up the same.
select
    c.node_id, m.month,
    cast(floor(6378137 * radians(s.lon) / case n.level when 'district' then 1000 else 250 end) as integer) as cell_x,
    cast(floor(6378137 * ln(tan(pi() / 4 + radians(s.lat) / 2)) / case n.level when 'district' then 1000 else 250 end)
        as integer) as cell_y,
    coalesce(s.domain, 'other') as domain,
    count(*) as branches,
    cast(sum(cast(floor(s.lon * 100000) as bigint)) as bigint) as lon_e5,
    cast(sum(cast(floor(s.lat * 100000) as bigint)) as bigint) as lat_e5
from closure c
join node n on n.key = 'place:' || c.node_id and n.level in ('district', 'town')
join seat s on s.org_id = c.org_id
join month m on m.month >= s.first_month and m.month < s.until_month
where c.basis = 'place' and s.level = 'branch' and s.lon is not null and s.lat is not null
group by 1, 2, 3, 4, 5
order by c.node_id, m.month

-- roll-up weak_list
-- Organisations listed as weak or backward, as people decided: a role that reads no fact may read this.
select org_id, listed_on, kind, criteria, lead_by, stage, delisted_on
from weak_org
order by listed_on, org_id

-- roll-up move_mix
-- Completed transfers into each node, out of it and inside, by reason, by route and by the borders they cross.
with touched as (
    select
        t.basis, t.node_id, d.month, d.reason, d.route, d.scope,
        case when f.org_id is null then 'in' else 'inside' end as direction
    from dated_move d
    join closure t on t.org_id = d.to_node
    left join closure f on f.basis = t.basis and f.node_id = t.node_id and f.org_id = d.from_node
    union all
    select f.basis, f.node_id, d.month, d.reason, d.route, d.scope, 'out'
    from dated_move d
    join closure f on f.org_id = d.from_node
    left join closure t on t.basis = f.basis and t.node_id = f.node_id and t.org_id = d.to_node
    where t.org_id is null
),
cut as (
    select basis, node_id, month, direction, 'reason' as dim, coalesce(reason, '') as band from touched
    union all
    select basis, node_id, month, direction, 'route', coalesce(route, '') from touched
    union all
    select basis, node_id, month, direction, 'scope', coalesce(scope, '') from touched
)
select basis, node_id, month, dim, band, direction, count(*) as n
from cut
group by basis, node_id, month, dim, band, direction
order by basis, node_id, month, dim, band, direction
