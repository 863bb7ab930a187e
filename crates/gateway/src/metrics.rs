//! What the operator watches, in Prometheus' text form. Labels name partners, operations and reasons, never people.

use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};
use release::Drift;

use crate::flights::Flights;

/// All metrics, and the registry that writes them out.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    refusals: Family<RefusalLabels, Counter>,
    drift: Family<DriftLabels, Counter>,
    seconds: Family<StageLabels, Histogram>,
    /// Requests by nobody that is known.
    pub(crate) strangers: Counter,
    /// Requests that are being answered.
    pub(crate) in_flight: Gauge,
    records: Family<RecordLabels, Counter>,
    /// What became of asking people.
    pub(crate) asking: AskingCounts,
    /// Streams that are open.
    pub(crate) streams: Gauge,
    /// Connections that are open.
    pub(crate) connections: Gauge,
    /// Tokens that are held.
    pub(crate) tokens: Gauge,
    /// Entries of the ledger.
    pub(crate) ledger_size: Gauge,
    /// Entries of the register.
    pub(crate) register_position: Gauge,
    /// 1 while the log has no room for anything but what takes away, else 0.
    pub(crate) short_of_room: Family<LogLabels, Gauge>,
    /// Bytes that lie ready on the disk whatever else fills it.
    pub(crate) ready: Family<LogLabels, Gauge>,
}

/// Which of the two logs.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct LogLabels {
    /// `ledger` or `register`.
    pub(crate) log: &'static str,
}

/// One more of what a gauge counts, for as long as this is held.
pub(crate) struct Counted(Gauge);

impl Counted {
    pub(crate) fn new(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    partner: String,
    operation: String,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RefusalLabels {
    reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DriftLabels {
    operation: String,
    kind: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RecordLabels {
    operation: String,
    outcome: &'static str,
}

/// What became of a record of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Record {
    /// It left, or something of it.
    Released,
    /// Nothing of it might leave.
    Refused,
    /// It could not be read.
    Unreadable,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AskingLabels {
    what: &'static str,
}

/// What became of asking people whom others have connected a partner for.
#[derive(Clone, Default)]
pub(crate) struct AskingCounts {
    counts: Family<AskingLabels, Counter>,
    /// Requests and answers that are kept.
    pub(crate) kept: Gauge,
}

impl AskingCounts {
    /// Counts so many of something: `noticed`, `muted`, `told`, `no-room` and others that docs/asking.md lists.
    pub(crate) fn count(&self, what: &'static str, many: u64) {
        self.counts
            .get_or_create(&AskingLabels { what })
            .inc_by(many);
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StageLabels {
    stage: &'static str,
}

/// A part of answering a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// From the request's head to the answer's.
    Total,
    /// Waiting for the platform, all pages together.
    Upstream,
    /// Walking and deciding.
    Decide,
    /// Until the entry was durable.
    Ledger,
}

impl Stage {
    fn name(self) -> &'static str {
        match self {
            Self::Total => "total",
            Self::Upstream => "upstream",
            Self::Decide => "decide",
            Self::Ledger => "ledger",
        }
    }
}

impl Metrics {
    /// With what answers in flight count themselves.
    pub(crate) fn new(flights: &Flights) -> Self {
        let seconds = Family::<StageLabels, Histogram>::new_with_constructor(|| {
            // 50 µs to 13 s, each bucket twice the former.
            Histogram::new(exponential_buckets(50e-6, 2.0, 19))
        });
        let mut metrics = Self {
            registry: Registry::with_prefix("countersign"),
            requests: Family::default(),
            refusals: Family::default(),
            drift: Family::default(),
            seconds,
            strangers: Counter::default(),
            in_flight: Gauge::default(),
            records: Family::default(),
            asking: AskingCounts::default(),
            streams: Gauge::default(),
            connections: Gauge::default(),
            tokens: Gauge::default(),
            ledger_size: Gauge::default(),
            register_position: Gauge::default(),
            short_of_room: Family::default(),
            ready: Family::default(),
        };
        metrics.enter_all();
        metrics.registry.register(
            "cut_connections",
            "Connections cut because an answer on them had not left two seconds after somebody withdrew",
            flights.cut.clone(),
        );
        metrics
    }

    /// Counts a request of a known partner's. `operation` is an id of the platform's document or `-`; `outcome` is
    /// `released` or a problem's slug.
    pub(crate) fn request(&self, partner: &str, operation: &str, outcome: &'static str) {
        let labels = RequestLabels {
            partner: partner.to_owned(),
            operation: operation.to_owned(),
            outcome,
        };
        self.requests.get_or_create(&labels).inc();
    }

    /// Counts refusals by the name of their reason: of people's data by the rule, of whole requests by a problem.
    pub(crate) fn refused(&self, reason: &'static str, many: u64) {
        self.refusals
            .get_or_create(&RefusalLabels { reason })
            .inc_by(many);
    }

    /// Counts how an answer of an operation, by its id in the platform's document, differed from what document and
    /// overlay say, and what it took to know who is in it. An overlay that has fallen behind the platform shows here.
    pub(crate) fn drifted(&self, operation: &str, drift: Drift) {
        for (kind, many) in [
            ("undeclared", drift.undeclared),
            ("unforeseen", drift.unforeseen),
            ("swept", drift.swept),
            ("unresolved", drift.unresolved),
            ("lookup", drift.lookups),
            ("lookup-failed", drift.lookups_failed),
        ] {
            let labels = DriftLabels {
                operation: operation.to_owned(),
                kind,
            };
            // Also when there are none: a counter that is there and stands at 0 can be watched.
            self.drift.get_or_create(&labels).inc_by(many);
        }
    }

    /// Counts a record of a stream by what became of it.
    pub(crate) fn record(&self, operation: &str, what: Record) {
        let labels = RecordLabels {
            operation: operation.to_owned(),
            outcome: match what {
                Record::Released => "released",
                Record::Refused => "refused",
                Record::Unreadable => "unreadable",
            },
        };
        self.records.get_or_create(&labels).inc();
    }

    /// Notes how long a part took.
    pub(crate) fn took(&self, stage: Stage, time: Duration) {
        self.seconds
            .get_or_create(&StageLabels {
                stage: stage.name(),
            })
            .observe(time.as_secs_f64());
    }

    /// All of it as text (OpenMetrics 1.0).
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        // Writing into a string cannot fail.
        let _ = text::encode(&mut out, &self.registry);
        out
    }

    fn enter_all(&mut self) {
        let registry = &mut self.registry;
        registry.register(
            "requests",
            "Requests of known partners by outcome",
            self.requests.clone(),
        );
        registry.register(
            "refusals",
            "Refusals by reason; one person's datum counts as one",
            self.refusals.clone(),
        );
        registry.register(
            "drift",
            "What the platform's answers held beyond its document and overlay, and further calls for one answer, by kind",
            self.drift.clone(),
        );
        registry.register_with_unit(
            "stage",
            "How long the parts of answering take",
            Unit::Seconds,
            self.seconds.clone(),
        );
        registry.register(
            "strangers",
            "Requests by nobody that is known",
            self.strangers.clone(),
        );
        registry.register(
            "in_flight",
            "Requests that are being answered",
            self.in_flight.clone(),
        );
        registry.register(
            "records",
            "Records of streams by outcome",
            self.records.clone(),
        );
        registry.register(
            "asking",
            "Asking people for their own consent: what was noticed, dropped, told and answered",
            self.asking.counts.clone(),
        );
        registry.register(
            "asking_kept",
            "Requests and answers that are kept",
            self.asking.kept.clone(),
        );
        registry.register("streams", "Streams that are open", self.streams.clone());
        registry.register(
            "connections",
            "Connections that are open",
            self.connections.clone(),
        );
        registry.register("tokens", "Access tokens that are held", self.tokens.clone());
        registry.register(
            "ledger_entries",
            "Entries of the ledger",
            self.ledger_size.clone(),
        );
        registry.register(
            "register_entries",
            "Entries of the register",
            self.register_position.clone(),
        );
        registry.register(
            "short_of_room",
            "1 while the disk has no room for disclosures (ledger) or grants (register), else 0",
            self.short_of_room.clone(),
        );
        registry.register_with_unit(
            "ready",
            "Bytes of segments that lie ready on the disk, whatever else fills it",
            Unit::Bytes,
            self.ready.clone(),
        );
    }
}
