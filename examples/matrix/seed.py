"""Invented people and what they wrote, planted into a fresh homeserver: the same people, rooms and texts every time.

Ids of rooms and events and the moments are the server's own, so they differ from run to run; `plant` returns those that
a test asks for. Nothing here is about anybody real.
"""

import http.client
import json
import urllib.parse

FIRST = """ada bert cleo dora emil fay gil hana ivo june karl lena milo nora otto pia quin rosa sven tara ugo vera wim
xenia yann zoe alba bruno clara dario elsa finn greta hugo ines jan kira luca mara nils olga petra rafa sara theo ulla
vito wanda yara zeno anouk boris celia dmitri esther felix""".split()
LAST = """Ahlberg Bonnet Castel Dreyer Eklund Faber Gorski Holm Iversen Jansen Kessler Lindqvist Moreau Novak Oduya
Petrov Quist Rossi Santos Teller""".split()
# Letters that must be escaped where an id stands in an address.
ODD = {"kira": "ki/ra", "luca": "lu+ca", "mara": "m.a_r-a", "nils": "nils=1"}
SUBJECTS = """the bread|the tide table|next Sunday's walk|the broken gate|a song in three parts|the seedlings|the old map
|the ferry|what the plumber said|a borrowed ladder""".replace("\n", "").split("|")
SAYINGS = [
    "I looked at {subject} again.",
    "Could somebody bring {subject} along?",
    "We agreed about {subject}, did we not?",
    "No news of {subject} today.",
    "{subject} can wait until Thursday.",
]

# name, how it is made, who is in it (the first makes it), how many plain messages
GROUPS = [
    ("Harbour choir", "public_chat", [0, *range(2, 20)], 8),
    ("Allotments", "public_chat", [1, 0, *range(20, 32)], 6),
    ("Night ferry crew", "private_chat", [0, *range(30, 44)], 6),
    ("Book club", "private_chat", [2, 0, *range(44, 52)], 5),
    ("Chess by post", "private_chat", [0, 1, 52, 53], 4),
    ("Lighthouse repairs", "private_chat", [1, 3, 7, 54, 55], 5),
    ("Three cousins", "trusted_private_chat", [0, 4, 55], 4),
    ("Kitchen table", "private_chat", [2, 5, 9, 33], 4),
    ("Quiet corner", "private_chat", [0, 1, 2], 0),
]
PAIRS = [(0, 1), (0, 2), (0, 8), (0, 40), (1, 4), (1, 9), (1, 54), (2, 5), (2, 10), (2, 41), (1, 2)]


class Server:
    """The homeserver, asked as its application service on behalf of its people."""

    def __init__(self, upstream, token, name):
        self.host, self.token, self.name = urllib.parse.urlsplit(upstream).netloc, token, name
        self.connection = http.client.HTTPConnection(self.host, timeout=60)
        self.transactions = 0

    def ask(self, method, path, body=None, person=None, **query):
        if person is not None:
            query["user_id"] = person
        address = f"/_matrix/client{path}?{urllib.parse.urlencode(query)}"
        content = None if body is None else json.dumps(body)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        self.connection.request(method, address, content, headers)
        answer = self.connection.getresponse()
        told = json.loads(answer.read())
        if answer.status != 200:
            raise RuntimeError(f"{method} {address}: {answer.status} {told}")
        return told

    def send(self, person, room, content, kind="m.room.message"):
        self.transactions += 1
        path = f"/v3/rooms/{quoted(room)}/send/{kind}/{self.transactions}"
        return self.ask("PUT", path, content, person)["event_id"]

    def say(self, person, room, text, **more):
        return self.send(person, room, {"msgtype": "m.text", "body": text, **more})

    def set(self, person, room, kind, content, key=""):
        return self.ask("PUT", f"/v3/rooms/{quoted(room)}/state/{kind}/{quoted(key)}", content, person)["event_id"]

    def redact(self, person, room, event, reason):
        self.transactions += 1
        path = f"/v3/rooms/{quoted(room)}/redact/{quoted(event)}/{self.transactions}"
        return self.ask("PUT", path, {"reason": reason}, person)["event_id"]

    def member(self, person, room, act, **body):
        """`act`: join, leave, invite, kick or ban; whom, where it is not the person: `user_id`."""
        self.ask("POST", f"/v3/rooms/{quoted(room)}/{act}", body, person)

    def read(self, person, room, event, kind="m.read"):
        self.ask("POST", f"/v3/rooms/{quoted(room)}/receipt/{kind}/{quoted(event)}", {}, person)


def quoted(text):
    return urllib.parse.quote(text, safe="")


def plant(upstream, token, name):
    """Everybody and everything; returns who and where they are."""
    server = Server(upstream, token, name)
    people = enrol(server)
    rooms = [group(server, people, number, *plan) for number, plan in enumerate(GROUPS)]
    pairs = [pair(server, people, number, *both) for number, both in enumerate(PAIRS)]
    moments = {
        "talk": talk(server, people, rooms[0]),
        "forms": forms(server, people, rooms[1]),
        "coming_and_going": coming_and_going(server, people),
    }
    rooms += [moment["room"] for moment in moments.values() if "room" in moment]
    present = private(server, people, pairs)
    return {
        "people": [{"id": id, "name": shown(n)} for n, id in enumerate(people)],
        "rooms": rooms + pairs,
        "direct_rooms": pairs,
        "present": present,
        "moments": moments,
    }


def shown(number):
    first = FIRST[number].capitalize()
    return f"{first} {LAST[number % len(LAST)]}"


def enrol(server):
    people = []
    for number, first in enumerate(FIRST):
        local = ODD.get(first, first)
        body = {"type": "m.login.application_service", "username": local, "inhibit_login": True}
        person = server.ask("POST", "/v3/register", body)["user_id"]
        profile = f"/v3/profile/{quoted(person)}"
        server.ask("PUT", f"{profile}/displayname", {"displayname": shown(number)}, person)
        picture = f"mxc://{server.name}/picture{number * 7919 % 100000:05}"
        server.ask("PUT", f"{profile}/avatar_url", {"avatar_url": picture}, person)
        people.append(person)
    return people


def group(server, people, number, title, preset, members, messages):
    maker, *others = [people[member] for member in members]
    body = {"name": title, "topic": f"About {SUBJECTS[number % 10]}", "preset": preset}
    room = server.ask("POST", "/v3/createRoom", body, maker)["room_id"]
    for other in others:
        if preset != "public_chat":
            server.member(maker, room, "invite", user_id=other)
        server.member(other, room, "join")
    for n in range(messages):
        server.say(people[members[n % len(members)]], room, saying(number + n, n))
    return room


def pair(server, people, number, one, other):
    one, other = people[one], people[other]
    body = {"is_direct": True, "preset": "trusted_private_chat", "invite": [other]}
    room = server.ask("POST", "/v3/createRoom", body, one)["room_id"]
    server.member(other, room, "join", reason="hello")
    for n in range(3):
        server.say([one, other][n % 2], room, saying(number + n, number))
    return room


def saying(n, m):
    text = SAYINGS[n % len(SAYINGS)].format(subject=SUBJECTS[(n + m) % len(SUBJECTS)])
    return text[0].upper() + text[1:]


def talk(server, people, room):
    """Threads, edits, reactions, redactions and replies in the choir."""
    ada, cleo, dora, emil, fay, gil, hana, ivo = (people[n] for n in (0, 2, 3, 4, 5, 6, 7, 8))
    root = server.say(cleo, room, "Who can sing on Sunday?")
    in_thread = {"rel_type": "m.thread", "event_id": root}
    for person, text in ((dora, "I can."), (emil, "Me too, if the ferry runs."), (cleo, "Good.")):
        server.say(person, room, text, **{"m.relates_to": in_thread})
    other = server.say(hana, room, "Has anybody found a blue scarf?")
    server.say(ivo, room, "Try the vestry.", **{"m.relates_to": {"rel_type": "m.thread", "event_id": other}})

    wrong = server.say(fay, room, "We meet at six.")
    right = {"msgtype": "m.text", "body": "We meet at seven.", "m.mentions": {"user_ids": [gil]}}
    change = {"m.new_content": right, "m.relates_to": {"rel_type": "m.replace", "event_id": wrong}}
    server.say(fay, room, "* We meet at seven.", **change)
    for person, key in ((gil, "👍"), (hana, "👍"), (ada, "🎶")):
        relation = {"rel_type": "m.annotation", "event_id": root, "key": key}
        server.send(person, room, {"m.relates_to": relation}, "m.reaction")

    hasty = server.say(gil, room, "I wrote this too soon.")
    server.redact(gil, room, hasty, "too soon")
    rude = server.say(ivo, room, "That was off the note, as always.")
    server.redact(ada, room, rude, "be kind")

    quote = f"> <{cleo}> Who can sing on Sunday?\n\n"
    answer = {
        "format": "org.matrix.custom.html",
        "formatted_body": f'<mx-reply><blockquote><a href="https://matrix.to/#/{room}/{root}">In reply to</a> <a href="'
        f'https://matrix.to/#/{cleo}">{cleo}</a><br>Who can sing on Sunday?</blockquote></mx-reply>Hardly.',
        "m.relates_to": {"m.in_reply_to": {"event_id": root}},
        "m.mentions": {"user_ids": [cleo]},
    }
    server.say(gil, room, quote + "Hardly.", **answer)
    last = server.say(dora, room, "Then it is settled.")
    for person in (ada, cleo, emil, gil):
        server.read(person, room, last)
    return {"thread": root, "edited": wrong, "annotated": root}


def forms(server, people, room):
    """The ways in which texts name somebody: ids in every spelling, display names, addresses. Who is named is not in the
    room, so no list of people would show it; only their ids in the texts do."""
    bert, gil, hana, ivo, june, karl = (people[n] for n in (1, 6, 7, 8, 9, 10))
    host = server.name
    kira, luca, mara = (people[FIRST.index(name)] for name in ("kira", "luca", "mara"))
    vera = people[FIRST.index("vera")]
    html = lambda text: {"format": "org.matrix.custom.html", "formatted_body": text}
    # Each of them is mentioned once as they should be: so the texts about them may leave as long as they consent.
    for guest in (gil, hana, ivo, june, karl, kira, luca, mara, people[13]):
        server.say(bert, room, "A guest for Sunday", **{"m.mentions": {"user_ids": [guest]}})
    said = [
        server.say(bert, room, f"Ask {gil} about the hose."),
        server.say(bert, room, f"Or {hana.upper()}."),
        server.say(vera, room, f"https://matrix.to/#/{quoted(ivo)} knows, too"),
        server.say(vera, room, "This one", **html(f'<a href="https://matrix.to/#/{june}">June</a> has it')),
        server.say(bert, room, f"see https://matrix.to/#/{quoted(kira)}?via={host} and {quoted(quoted(luca))}"),
        server.say(vera, room, "That one", **html(f"<b>&#64;{karl[1:]}</b> or &#x40;{karl[1:]}")),
        server.say(bert, room, 'the log says {"user":"\\u0040' + mara[1:] + '"}'),
        server.say(vera, room, "I asked two people", **{"m.mentions": {"user_ids": [gil, karl]}}),
        server.say(bert, room, f"{shown(11)} and {shown(12)} were here yesterday."),
        server.say(vera, room, f"{shown(10)} mows on Friday."),
    ]
    server.set(bert, room, "m.room.topic", {"topic": f"Keys are with {people[13]}"})
    # Whoever mentions somebody of another server names somebody whom nobody here can ask.
    stranger = server.say(vera, room, "@walter:elsewhere.example sent seeds.")
    return {"said": said, "stranger": stranger}


def coming_and_going(server, people):
    """A room that somebody left, one was kicked from, one banned from, one only invited to, and a newcomer joined."""
    bert, june, karl, lena, milo, nora, otto = (people[n] for n in (1, 9, 10, 11, 12, 13, 14))
    body = {"name": "Tool shed", "preset": "private_chat"}
    room = server.ask("POST", "/v3/createRoom", body, bert)["room_id"]
    for person in (june, karl, lena, milo):
        server.member(bert, room, "invite", user_id=person)
        server.member(person, room, "join")
    together = [server.say(person, room, saying(n, n)) for n, person in enumerate((bert, june, karl, lena, milo))]
    server.member(june, room, "leave", reason="moving away")
    without_june = [server.say(person, room, saying(n, 3)) for n, person in enumerate((bert, karl))]
    server.member(bert, room, "kick", user_id=karl, reason="kept the drill")
    server.member(bert, room, "ban", user_id=lena, reason="kept the saw")
    without_three = [server.say(person, room, saying(n, 5)) for n, person in enumerate((milo, bert))]
    server.member(bert, room, "invite", user_id=otto)
    server.member(bert, room, "invite", user_id=nora)
    server.member(nora, room, "join")
    with_nora = [server.say(person, room, saying(n, 7)) for n, person in enumerate((nora, bert, milo))]
    return {
        "room": room,
        "left": june, "kicked": karl, "banned": lena, "stayed": milo, "invited": otto, "newcomer": nora,
        "together": together, "without_june": without_june,
        "without_three": without_three, "with_nora": with_nora,
    }


def private(server, people, pairs):
    """What people keep for themselves, and what they show of themselves."""
    for person in people[:3]:
        direct = {}
        for (one, other), room in zip(PAIRS, pairs):
            if person in (people[one], people[other]):
                direct.setdefault(people[other if people[one] == person else one], []).append(room)
        server.ask("PUT", f"/v3/user/{quoted(person)}/account_data/m.direct", direct, person)
    present = [people[number] for number in (1, 2, 5, 8)]
    for person in present:
        body = {"presence": "online", "status_msg": "at home"}
        server.ask("PUT", f"/v3/presence/{quoted(person)}/status", body, person)
    return present
