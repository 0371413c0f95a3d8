-- How many organisations have how many stars under each node in each year, and how many rose or fell.
select
    c.basis, c.node_id, s.year, s.stars, count(*) as organisations,
    cast(sum(case when s.stars > s.prev_stars then 1 else 0 end) as bigint) as risen,
    cast(sum(case when s.stars < s.prev_stars then 1 else 0 end) as bigint) as fallen
from star_rating s
join closure c on c.org_id = s.org_id
group by c.basis, c.node_id, s.year, s.stars
order by c.basis, c.node_id, s.year, s.stars
