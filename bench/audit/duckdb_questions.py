"""The audit's questions as SQL in DuckDB, over the Parquet files that `sample-log` wrote.

usage: python duckdb_questions.py DIR [THREADS]

Asked: for each access and each person in it, was there a connection, did it cover the power, had it ended, had the
person gone quiet, was a consent in force, did a bar stand, did a promise cover it; then counts of accesses and of
different people by partner, category, reach and finding. Agreements are twenty lines, so their dates stand in the query.
Lapsed powers are left out: DuckDB is asked less than the audit answers.
"""
import json
import resource
import sys
import time

import duckdb

where, threads = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 2
db = duckdb.connect()
db.execute(f"set threads={threads}; set TimeZone='UTC'; set preserve_insertion_order=false")
began = time.monotonic()
for name in ["consents", "connections", "bars", "activity", "friends"]:
    db.execute(f"create table {name} as select * from '{where}/{name}.parquet'")
db.execute("create table pairs as select person, other from friends union all select other, person from friends")
db.execute("""create table quiet as select person, max(day) + interval 181 day as since from activity
              group by person having max(day) < timestamptz '2025-03-01'""")
lists = time.monotonic() - began
began = time.monotonic()
db.execute(f"""
create table found as
with access as (
  select row_number() over () as n, "at" as moment, * exclude ("at") from read_parquet('{where}/log-*.parquet')),
subject as (
  select n, moment, partner, person, category, reach, person as subject from access where reach = 'own'
  union all
  select n, moment, a.partner, a.person, category, reach, b.other from access a join pairs b on a.person = b.person
    where reach = 'friend'
  union all
  select n, moment, partner, person, category, reach, unnest(string_split(named, ';'))::bigint from access
    where reach = 'participant'),
judged as (
  select s.*,
    k.person is null or k.ended <= s.moment or k.until <= s.moment
      or (s.category = 'pd:EmailAddress' and s.reach = 'own' and length(k.powers) < 129) as no_connection,
    s.reach <> 'own' and s.subject <> s.person
      and (c.person is null or c.given > s.moment or c.until <= s.moment or c.withdrawn <= s.moment) as no_consent,
    q.since <= s.moment as quiet,
    s.category = 'pd:EmailAddress' and s.reach = 'friend' and s.moment >= timestamptz '2025-04-01' as promised,
    s.partner = 'partner-14' as unsigned,
    s.partner = 'partner-15' and s.moment >= timestamptz '2025-06-30' as ended,
    s.partner = 'partner-16' and s.moment >= timestamptz '2025-04-11' and s.moment < timestamptz '2025-05-11' as suspended,
    s.partner = 'partner-17' as stranger,
    s.category = 'social:Calendar' as wider,
    b.person is not null as barred
  from subject s
  left join connections k on k.person = s.person and k.partner = s.partner
  left join consents c on c.person = s.subject and c.partner = s.partner
  left join quiet q on q.person = s.person
  left join (select * from bars) b on b.person = s.subject and b.set <= s.moment and (b.lifted is null or s.moment < b.lifted)
    and (b.bar = 'everything' or (b.bar = 'through' and b.reach = s.reach)
         or (b.bar = 'partner' and b.partner = s.partner) or (b.bar = 'global-privacy-control' and s.reach <> 'own'))),
told as (
  select n, moment, partner, category, reach, subject, unnest([
    case when no_connection then 'person-not-asked' end, case when no_consent then 'bystander-not-asked' end,
    case when quiet then 'quiet-polled' end, case when promised then 'promise-broken' end,
    case when unsigned then 'not-signed-by-partner' end, case when ended then 'after-end' end,
    case when suspended then 'while-suspended' end, case when stranger then 'no-agreement' end,
    case when wider then 'wider-than-signed' end, case when barred then 'bar-ignored' end]) as kind
  from judged
  where no_connection or no_consent or quiet or promised or unsigned or ended or suspended or stranger or wider or barred)
select partner, category, reach, kind, count(distinct n) as accesses, count(distinct subject) as people,
       min(moment) as first, max(moment) as last
from told where kind is not null group by all order by all
""")
judging = time.monotonic() - began
rows = db.execute("select partner, category, reach, kind, accesses from found order by all").fetchall()
total = db.execute(f"select count(*) from read_parquet('{where}/log-*.parquet')").fetchone()[0]
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"duckdb": duckdb.__version__, "lists_s": lists, "judging_s": judging, "rows": total,
                  "peak_kb": peak, "findings": rows}))
