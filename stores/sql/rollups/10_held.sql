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
