//! `demo`: an invented platform, five partners, and who gets what about whom.
//!
//! Sample platform, register, ledger and gateway run in one process, but are joined by HTTP and by the configuration
//! file alone, read by the same code as `serve` reads an operator's.

mod ask;
mod cast;
mod files;
mod history;
mod letters;
mod login;
mod newcomers;
mod shops;
mod story;
mod table;
mod why;

use std::net::SocketAddr;

use gateway::Server;
use partner::Client;
use register::Register;
use sample::{PersonNo, Seed, World};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use cast::PARTNERS;
use files::{Addresses, Keys, LeftPartner, Place, Secrets};
use history::Teller;
use letters::{Cast, Letters};
use login::Login;
use newcomers::Newcomers;
use story::{Stage, Withdrawal};
use table::Row;

pub(crate) use files::Left;

use crate::args;
use crate::commands::{gateway_at, make, runtime, told_to_stop};
use crate::door::Admin;
use crate::exit::{Exit, Failure};
use crate::output::{Format, print, print_json, thousands};
use crate::progress::Progress;
use crate::surroundings::{self, now};
use crate::telemetry;
use crate::wiring::{Wired, configuration, register_options, wire_by};

/// How many people have connected the partners.
const CONNECTED: usize = 8;
/// How many friends the first of them should have: as many as the measurements of this project use.
const FRIENDS: u32 = 190;

/// Shows it.
pub(crate) fn demo(args: &args::Demo, format: Format) -> Result<Exit, Failure> {
    let mut progress = Progress::new(false);
    let place = Place::new(args.dir.as_deref())?;
    let runtime = runtime()?;
    let world = World::generate(Seed(args.seed), args.people);
    let platform = Platform::start(&runtime, &world)?;
    let connected = connected(&world);
    let shops = shops::Shops::bind(&runtime)?;
    let login = Login::bind(&runtime)?;
    let letters = Letters::bind(&runtime)?;
    let addresses = Addresses {
        platform: platform.address,
        login: login.address,
        letters: letters.address,
        gateway: free_port()?,
        admin: free_port()?,
    };
    let secrets = Secrets {
        platform: &platform.token,
        login: &login.secret,
        hook: &letters.secret,
    };
    let keys = place.furnish(&addresses, &secrets)?;
    let newcomers = Newcomers::of(&world, &connected, args.seed)?;
    let people = [connected.clone(), newcomers.all()].concat();
    login.start(&runtime, &world, &people, addresses.gateway);
    let passed = letters.passed.clone();
    letters.start(
        &runtime,
        &world,
        Cast::of(&world, &newcomers, people, shops.address),
    );
    let verifier = found(&place, &world, &keys, &connected, args.seed, &mut progress)?;

    let config = configuration(&place.path("countersign.toml"))?;
    let watching = {
        let _within = runtime.enter();
        telemetry::start(&config.telemetry)?
    };
    let wired = wire_by(config, false, |clock| {
        clock.asking_ahead(Box::new(move || passed.days()))
    })?;
    let server = runtime.block_on(Server::start(wired.gateway.clone()));
    let server = server.map_err(|error| Exit::Unavailable.because(error))?;
    let base = format!("http://{}", addresses.gateway);
    let (clients, left) = clients(&keys, &base)?;
    let shops = shops.start(&runtime, &clients)?;
    Left {
        gateway: base,
        admin: format!("http://{}", addresses.admin),
        login: format!("http://{}", addresses.login),
        shops: format!("http://{shops}"),
        letters: format!("http://{}", addresses.letters),
        partners: left,
        newcomers: newcomers.named(&world),
        friend: newcomers.friend_named(&world),
        bystander: newcomers.bystander_named(&world),
    }
    .write(&place)?;
    let admin = Admin::new(
        &format!("http://{}", addresses.admin),
        &place.path("keys/admin.token"),
    )?;
    let stage = Stage {
        world: &world,
        wired: &wired,
        clients: &clients,
        connected: &connected,
        admin: &admin,
    };
    let rows = runtime.block_on(stage.everybody_asks(&mut progress))?;
    let withdrawal = runtime.block_on(stage.one_withdraws())?;
    let ending = Ending {
        args,
        world: &world,
        rows,
        withdrawal,
        checkpoint: checkpoint(&place, &wired)?,
        verifier,
    };
    ending.show(format)?;
    if !args.once {
        if format == Format::Human {
            print(&to_try(&place, &addresses, &ending, shops)?)?;
        }
        runtime.block_on(told_to_stop())?;
    }
    runtime.block_on(server.stop());
    platform.stop();
    watching.stop();
    Ok(Exit::Done)
}

/// The sample platform, serving.
struct Platform {
    address: SocketAddr,
    token: String,
    stop: oneshot::Sender<()>,
}

impl Platform {
    fn start(runtime: &Runtime, world: &World) -> Result<Platform, Failure> {
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"));
        let listener = listener.map_err(|error| Exit::Unavailable.because(error))?;
        let address = listener
            .local_addr()
            .map_err(|error| Exit::Unavailable.because(error))?;
        let token = hex::encode(surroundings::random::<32>()?);
        let options = sample::Options::new(token.as_str());
        let (stop, stopped) = oneshot::channel();
        let stopped = async move {
            let _ = stopped.await;
        };
        runtime.spawn(sample::serve(listener, world.clone(), options, stopped));
        Ok(Platform {
            address,
            token,
            stop,
        })
    }

    fn stop(self) {
        let _ = self.stop.send(());
    }
}

/// A port that nobody listens on at the moment; the configuration has to name it before the gateway binds it.
fn free_port() -> Result<SocketAddr, Failure> {
    std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .map_err(|error| Exit::Unavailable.because(error))
}

/// Who has connected the partners: one with a known number of friends, and others from all over the directory.
fn connected(world: &World) -> Vec<PersonNo> {
    let first = (1..=FRIENDS)
        .rev()
        .find_map(|friends| world.person_with_degree(friends));
    let step = (world.population() as usize / CONNECTED).max(1);
    let others = world
        .people()
        .step_by(step)
        .filter(|person| Some(*person) != first);
    first.into_iter().chain(others).take(CONNECTED).collect()
}

/// Makes keys and logs as `init` does, and tells the register its history. Says the ledger's public key.
fn found(
    place: &Place,
    world: &World,
    keys: &Keys,
    connected: &[PersonNo],
    seed: u64,
    progress: &mut Progress,
) -> Result<String, Failure> {
    let path = place.path("countersign.toml");
    let now = now();
    let officers = files::key_set(&[&keys.platform])?;
    let made = make(&path, officers, now.minus(decide::Days(history::BEGINS)))?;
    let config = configuration(&path)?;
    let register = Register::open(&config.register.directory, register_options(&config))
        .map_err(|error| Exit::Io.because(error))?;
    Teller {
        register: &register,
        world,
        keys,
        connected,
        seed,
        now,
    }
    .tell(progress)?;
    let entries = thousands(register.position().0);
    progress.done(format_args!(
        "the register holds {entries} entries, the agreements are signed"
    ));
    Ok(made.ledger)
}

fn clients(keys: &Keys, base: &str) -> Result<(Vec<Client>, Vec<LeftPartner>), Failure> {
    let mut clients = Vec::new();
    let mut left = Vec::new();
    for (partner, (_, key)) in PARTNERS.iter().zip(&keys.partners) {
        let key = partner::Key::from_jwk(&key.private_jwk())
            .map_err(|error| Exit::Internal.because(error))?;
        clients.push(Client::new(
            partner.id,
            key,
            gateway_at(base),
            None,
            surroundings::of_partner(),
        ));
        left.push(LeftPartner {
            partner: partner.id.to_owned(),
            key: format!("keys/{}.jwk", partner.id).into(),
            connection: history::connection_id(partner, 0)?.to_string(),
            purpose: partner.purpose.to_owned(),
        });
    }
    Ok((clients, left))
}

/// The ledger's signed checkpoint over everything so far.
fn checkpoint(place: &Place, wired: &Wired) -> Result<String, Failure> {
    wired
        .ledger
        .publish_now()
        .map_err(|error| Exit::Io.because(error))?;
    surroundings::read_text(&place.path("ledger/checkpoint"))
}

/// What is shown at the end.
struct Ending<'a> {
    args: &'a args::Demo,
    world: &'a World,
    rows: Vec<Row>,
    withdrawal: Withdrawal,
    checkpoint: String,
    verifier: String,
}

impl Ending<'_> {
    fn show(&self, format: Format) -> Result<(), Failure> {
        match format {
            Format::Json => print_json(&json!({
                "people": self.world.population(),
                "seed": self.args.seed,
                "connected": CONNECTED,
                "invented": table::invented(),
                "rows": self.rows.iter().map(table::json).collect::<Vec<_>>(),
                "withdrawal": self.withdrawal.json(),
                "checkpoint": self.checkpoint,
                "verifier": self.verifier,
            })),
            Format::Plain => print(&table::text(&self.rows, format)),
            Format::Human => print(&self.human()),
        }
    }

    fn human(&self) -> String {
        format!(
            "\nSample Social, {} people. Five partners ask, each on behalf of {CONNECTED} people who connected it.\n\n{}\n{}\n\n{}\nThe ledger's signed checkpoint:\n\n{}",
            thousands(u64::from(self.world.population())),
            table::text(&self.rows, Format::Human),
            table::invented(),
            self.withdrawal.text(),
            indented(&self.checkpoint),
        )
    }
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}\n")).collect()
}

/// What can be tried while the demo stays up.
fn to_try(
    place: &Place,
    addresses: &Addresses,
    ending: &Ending<'_>,
    shops: SocketAddr,
) -> Result<String, Failure> {
    let dir = place.dir().display();
    let program = std::env::args()
        .next()
        .unwrap_or_else(|| "countersign".to_owned());
    let Addresses {
        gateway,
        admin,
        letters,
        ..
    } = addresses;
    let verifier = &ending.verifier;
    let power = PARTNERS
        .first()
        .map(history::powers)
        .transpose()?
        .and_then(|powers| powers.first().copied());
    let power = power.map(|power| power.to_string()).unwrap_or_default();
    let person = ending.withdrawal.another();
    Ok(format!(
        "
It stays up; Ctrl-C ends it. To click through, in a browser (everybody is invented, and logs in with one click):

  http://{shops}/
      the partners' own sites: connect one, see what it reads, disconnect
  http://{gateway}/desk
      a person's desk: who sees what of theirs, and one button to stop each
  http://{letters}/
      the platform's letters: whoever is only reached through a friend is asked for their own consent, and answers
  http://{admin}/desk
      the steward's desk: log in with what is in {dir}/keys/stella.token; a second person has rhea.token, and the
      platform's officer signs with {dir}/keys/officer-of-the-platform.jwk
  http://{gateway}/public
      what everybody can read: partners and powers, promises (and a form to propose one), checkpoints

To try, from another terminal:

  {program} call --dir {dir} --partner findr '/v1/people/me/friends?limit=5'
  {program} call --dir {dir} --partner findr --curl '/v1/people/me/friends?limit=5'
      (prints a curl command with a fresh proof: good once, within a minute)
  {program} call --dir {dir} --partner shopfront /v1/people/me/friends/contacts
      (refused: never countersigned)
  {program} consent withdraw --config {dir}/countersign.toml --partner findr \\
      --person {person} --power {power}
  {program} agreement end --config {dir}/countersign.toml reelbox-threads
  {program} agreement check {dir}/documents/agreement-findr.yaml
  {program} check --document {dir}/documents/openapi.json --overlay {dir}/documents/overlay.json
  {program} verify --ledger {dir}/ledger --key '{verifier}'
  {program} desk --dir {dir} --partner shopfront
      (prints a link to the partner's own desk, where an agreement waits for its officer's signature; findr's has powers)
  curl -s http://{gateway}/.well-known/oauth-authorization-server
  curl -s -H \"Authorization: Bearer $(cat {dir}/keys/admin.token)\" http://{admin}/status
"
    ))
}
