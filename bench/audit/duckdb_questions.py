"""The audit's questions as SQL in DuckDB, over the Parquet files that `sample-log` wrote.

usage: python duckdb_questions.py DIR [THREADS]

Asked is what the findings of `countersign audit` say, all of it: by partner, act and kind of finding, how many accesses,
how many different people, the first and the last moment. The numbers must be equal; `against_duckdb.py` compares them.

What stands in the query because it is twenty lines of documents, and not in Parquet: who has signed, the two dates of
agreements, the one promise, the policy's limits of 90 and 180 days. `powers.csv` says which power is whose act.

Where the audit answers more than is asked here (so DuckDB has less to do): months with their people, reasons in the
rule's words, remarks and broken rows, connections made anew, consents given again, bars set twice, versions of
agreements. The sample has one connection and one consent for a person and a power, so the answers are the same.
"""
import json
import resource
import sys
import time

import duckdb

where, threads = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 2
log = f"read_parquet('{where}/log-*.parquet', file_row_number=true)"
db = duckdb.connect()
db.execute(f"set threads={threads}; set TimeZone='UTC'; set preserve_insertion_order=false")
began = time.monotonic()
for name in ["consents", "connections", "bars", "activity", "friends"]:
    db.execute(f"create table {name} as select * from '{where}/{name}.parquet'")
db.execute(f"""
create table powers as select * from read_csv('{where}/powers.csv', header=true);
create table pairs as select person, other from friends union select other, person from friends;
-- Gone quiet: more than 180 days after a day on which somebody did something, if the list goes so far.
create table quiet as
  select person, min(day) + interval 181 day as since
  from (select person, day, lead(day) over (partition by person order by day) as next from activity)
  where case when next is null then day + interval 181 day <= (select max(day) + interval 1 day from activity)
        else next > day + interval 180 day end
  group by person;
""")
lists = time.monotonic() - began
began = time.monotonic()
db.execute(f"""
-- Lapsed: more than 90 days after a day on which the power was used. Before the log everything counts as used.
create temp table used as select distinct partner, category, reach, "at"::date as day from {log};
create temp table lapsed as
with uses as (
  select p.partner, p.category, p.reach, u.day from powers p join used u using (partner, category, reach)
  union
  select partner, category, reach, (select min(day) from used) from powers)
select partner, category, reach, min(day) + 91 as since
from (select *, lead(day) over (partition by partner, category, reach order by day) as next from uses)
where next - day > 90 and partner <> 'partner-14'
group by all;

create table found as
with access as (
  select file_row_number as n, "at" as moment, partner, person, category, reach, named from {log}),
subject as (
  select n, moment, partner, person, category, reach, person as subject from access where reach = 'own'
  union all
  select n, moment, a.partner, a.person, category, reach, b.other
  from access a left join pairs b on a.person = b.person where reach = 'friend'
  union all
  select n, moment, partner, person, category, reach, unnest(string_split(named, ';'))::bigint
  from access where reach = 'participant'),
judged as (
  select s.*,
    k.person is null or k.ended <= s.moment or k.until <= s.moment
      or p.power is null or not contains(k.powers, p.power)
      or w.withdrawn between k."from" and s.moment as not_asked,
    s.reach <> 'own' and s.subject is not null and (s.subject <> s.person or k.person is null)
      and c.person is null as not_consented,
    k.person is not null and q.since <= s.moment as quiet,
    s.category = 'pd:EmailAddress' and s.reach = 'friend' and s.moment >= timestamptz '2025-04-01' as promised,
    s.partner = 'partner-14' as unsigned,
    s.partner = 'partner-15' and s.moment >= timestamptz '2025-06-30' as ended,
    s.partner = 'partner-16' and s.moment >= timestamptz '2025-04-11' and s.moment < timestamptz '2025-05-11' as suspended,
    s.partner = 'partner-17' as stranger,
    p.power is null and s.partner <> 'partner-17' as wider,
    coalesce(s.moment >= l.since, false) as lapsed,
    b.person is not null as barred
  from subject s
  left join powers p on p.partner = s.partner and p.category = s.category and p.reach = s.reach
  left join lapsed l on l.partner = s.partner and l.category = s.category and l.reach = s.reach
  left join connections k on k.person = s.person and k.partner = s.partner and k."from" <= s.moment
  left join consents w on w.person = s.person and w.partner = s.partner and w.power = p.power and w.withdrawn is not null
  left join consents c on c.person = s.subject and c.partner = s.partner and c.power = p.power
    and c.given <= s.moment and (c.until is null or s.moment < c.until) and (c.withdrawn is null or s.moment < c.withdrawn)
  left join quiet q on q.person = s.person
  left join bars b on b.person = s.subject and b.set <= s.moment and (b.lifted is null or s.moment < b.lifted)
    and (b.bar = 'everything' or (b.bar = 'through' and b.reach = s.reach)
         or (b.bar = 'partner' and b.partner = s.partner) or (b.bar = 'global-privacy-control' and s.reach <> 'own'))),
-- What is wrong concerns the one on whose behalf the partner acted, or those whose data left.
told as (
  select n, moment, partner, category, reach, unnest([
    case when not_asked then {{'kind': 'person-not-asked', 'who': person}} end,
    case when quiet then {{'kind': 'quiet-polled', 'who': person}} end,
    case when not_consented then {{'kind': 'bystander-not-asked', 'who': subject}} end,
    case when promised then {{'kind': 'promise-broken', 'who': subject}} end,
    case when unsigned then {{'kind': 'not-signed-by-partner', 'who': subject}} end,
    case when ended then {{'kind': 'after-end', 'who': subject}} end,
    case when suspended then {{'kind': 'while-suspended', 'who': subject}} end,
    case when stranger then {{'kind': 'no-agreement', 'who': subject}} end,
    case when wider then {{'kind': 'wider-than-signed', 'who': subject}} end,
    case when lapsed then {{'kind': 'lapsed-used', 'who': subject}} end,
    case when barred then {{'kind': 'bar-ignored', 'who': subject}} end]) as what
  from judged
  where not_asked or quiet or not_consented or promised or unsigned or ended or suspended or stranger or wider
    or lapsed or barred)
select partner, category, reach, what.kind as kind, count(distinct n) as accesses, count(distinct what.who) as people,
       epoch_ms(min(moment)) as first, epoch_ms(max(moment)) as last
from told where what is not null group by all
union all
select p.partner, p.category, p.reach, 'never-used', 0, 0, null, null
from powers p anti join used u using (partner, category, reach) where p.partner <> 'partner-14'
""")
judging = time.monotonic() - began
rows = db.execute("select * from found order by all").fetchall()
total = db.execute(f"select count(*) from {log}").fetchone()[0]
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"program": f"DuckDB {duckdb.__version__}", "lists_s": lists, "judging_s": judging,
                  "cpu_s": used.ru_utime + used.ru_stime, "rows": total, "peak_kb": used.ru_maxrss, "findings": rows}))
