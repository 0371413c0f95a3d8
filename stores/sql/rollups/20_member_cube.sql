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
