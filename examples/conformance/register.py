"""A register of supplier failures outside Go, for the conformance kit of package hold/holdtest.

`go test ./examples/conformance` runs the kit on it; LASTRESORT_HISTORIES=200 before that looks further.

It reads one JSON message a line from its input and answers each with one line on its output, as the documentation of package holdtest describes. Only the standard library is used
(Python 3.9 or newer with the time zone Europe/London). It is written to be read beside the rules, with a function for each of them:

- the state is the list of events, and nothing else: every answer is told from it anew;
- a View is what the list says of one instant. An act that is reported late is judged in the view of its own time, and in which failures an MPID was is told in the order of time.

It answers at the level of rules: outcomes, duties, breaches, overruns and owners with the rules that they rest on, and what becomes of Service Requests. It does not give instants since when a
duty is due, reasons of a decision, or response codes, and has no seal.
"""

import json
import re
import sys
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from types import SimpleNamespace
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
ZERO = datetime(1, 1, 1, tzinfo=timezone.utc)
BASELINE, MP134A, MP185 = 0, 1, 2

ACTIONS = ["revoke certificate", "issue certificate", "publish CRL", "transfer MPID", "apply thresholds", "release quarantine", "delete quarantine", "suspend user"]
REVOKE, ISSUE, PUBLISH, TRANSFER, APPLY = ACTIONS[:5]
CONFIRMATIONS = ["estate make-up", "staff", "SRP support", "other risks", "timescales"]
USES = ["xml-sign", "signing", "key-agreement", "prepayment", "dccki", "iki", "device"]
REASONS = ["", "unspecified", "keyCompromise", "cACompromise", "affiliationChanged", "superseded", "cessationOfOperation", "privilegeWithdrawn", "aACompromise"]
ORDINARY = {"keyCompromise", "cACompromise", "affiliationChanged", "superseded"}
USER_ACTS = {"quarantine released": "release quarantine", "quarantine deleted": "delete quarantine", "user suspended": "suspend user"}

# What each kind of event cannot do without. Those of DIRECTIONS can be refused by a rule; the others report things done, which never are (R17).
NEEDS = {kind: fields.split() for kind, fields in {
    "user recorded": "user", "MPID allocated": "mpids party", "MPID retired": "mpids", "SRP engaged": "by party",
    "failure notified": "failure party", "SoLR announced": "failure party mpids", "licence revoked": "failure party", "SoLR appointed": "failure party mpids date",
    "transfer directed": "failure party mpids", "safe mode instructed": "failure party", "supplier exited": "failure exit",
    "delay directed": "failure controls", "release instructed": "failure", "action instructed": "failure action", "exit released": "failure text", "arrangement extended": "failure date",
    "support approved": "request", "support refused": "request", "thresholds instructed": "failure",
    "position stated": "failure by text", "support accepted": "request by", "support declined": "request by", "support withdrawn": "request by",
    "confirmed": "failure by confirmation", "transfer agreed": "failure agreeing mpids", "support requested": "failure by party request support",
    "migration started": "failure by", "migration completed": "failure by", "completion withdrawn": "failure by",
    "delay received": "failure", "certificate issued": "certificate", "certificate revoked": "certificates", "CRL published": "certificates", "MPID transferred": "mpids party",
    "MPID transferred in codes": "mpids party", "thresholds applied": "thresholds", "quarantine released": "user", "quarantine deleted": "user", "user suspended": "user"}.items()}
DIRECTIONS = {"SoLR appointed", "transfer directed", "safe mode instructed", "delay directed", "release instructed", "action instructed", "exit released", "arrangement extended",
              "support approved", "support refused", "thresholds instructed", "support accepted", "support declined", "support withdrawn", "confirmed", "transfer agreed", "support requested",
              "migration completed", "completion withdrawn"}

NAMES = {"controls": ["", "none", "revocation", "transfer", "revocation+transfer"], "action": [""] + ACTIONS, "confirmation": [""] + CONFIRMATIONS, "agreeing": ["", "SoLR", "PMA", "DCC"],
         "exit": ["", "trade sale", "special administration"], "reason": REASONS, "fuel": ["", "electricity", "gas"]}
NO_USER = "-".join(["00"] * 8)


@lru_cache(maxsize=4096)
def instant(text):
    """The instant of an RFC 3339 time in UTC; the zero time for none."""
    if not text:
        return ZERO
    whole, fraction = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?Z", text).groups()
    return datetime.fromisoformat(whole).replace(microsecond=int(((fraction or "") + "000000")[:6]), tzinfo=timezone.utc)


def midnight(t, days=0):
    """00:00 in London of the day that holds an instant, or of a later day."""
    local = t.astimezone(LONDON) + timedelta(days=days)
    return datetime(local.year, local.month, local.day, tzinfo=LONDON).astimezone(timezone.utc)


def text_of(t):
    return t.strftime("%Y-%m-%dT%H:%M:%S") + (".%06d" % t.microsecond if t.microsecond else "") + "Z"


MP134A_FROM = datetime(2021, 10, 4, tzinfo=LONDON).astimezone(timezone.utc)
MP185_FROM = datetime(2021, 11, 17, tzinfo=LONDON).astimezone(timezone.utc)


class Event(SimpleNamespace):
    """An event of the protocol with every field, times as instants."""

    def __init__(self, message):
        m = {"id": "", "kind": "", "failure": "", "by": "", "party": "", "mpids": [], "certificates": [], "controls": "", "action": "", "confirmation": "", "agreeing": "", "exit": "",
             "reason": "", "fuel": "", "user": None, "certificate": None, "support": None, "request": "", "ref": "", "thresholds": [], "text": ""}
        m.update({k: v for k, v in message.items() if v is not None})
        m["at"], m["date"] = instant(message.get("at")), instant(message.get("date"))
        super().__init__(**m)
        self.controls = self.controls.replace("none", "")
        self.moved = self.mpids  # those of them for which it is no repeat
        self.thresholds = [threshold(t) for t in self.thresholds]
        if self.support is not None:
            self.support = {"srvs": self.support.get("srvs") or [], "devices": self.support.get("devices") or [], "thresholds": [threshold(t) for t in self.support.get("thresholds") or []],
                            "from": instant(self.support.get("from")), "to": instant(self.support.get("to"))}
        if self.certificate is not None:
            c = self.certificate
            self.certificate = SimpleNamespace(id=c.get("id", ""), use=c.get("use", ""), subject=c.get("subject", ""), subscriber=c.get("subscriber", ""),
                                               start=instant(c.get("notBefore")), end=instant(c.get("notAfter")))
        if self.kind == "SoLR appointed" and self.date != ZERO:
            self.effective = max(midnight(self.date) + timedelta(minutes=1), self.at)  # R4: 00:01 in London on the SoLR date, or when it is logged if that is later

    def malformed(self):
        if self.kind not in NEEDS or self.at == ZERO:
            return True
        for field in NEEDS[self.kind]:
            value = getattr(self, field)
            if value is None or not value or value == ZERO or field == "text" and not value.strip():
                return True
        repeated = len(set(self.mpids)) < len(self.mpids) or len(set(self.certificates)) < len(self.certificates)
        unnamed = any(getattr(self, field) not in names for field, names in NAMES.items()) or self.certificate and self.certificate.use not in USES
        return bool(repeated or unnamed or self.kind == "release instructed" and not self.mpids and not self.certificates)


def threshold(t):
    return (t.get("user", ""), t.get("srv", ""), t.get("warning", 0), t.get("quarantine", 0))


def item(mpid="", certificate=""):
    return (mpid, certificate)


class Register:
    """The list of events, with the breaches that were found when acts were reported: they are never withdrawn."""

    def __init__(self, settings):
        self.settings, self.log, self.breaches, self.views = settings, [], [], {}

    def view(self, at):
        if at not in self.views:
            self.views[at] = View(self.settings, self.log, len(self.log), at)
        return self.views[at]

    def apply(self, e):
        if e.kind not in NEEDS:
            return {"outcome": "malformed"}
        if e.id and any(x.id == e.id for x in self.log):
            return {"outcome": "applied"}
        now = max([x.at for x in self.log], default=ZERO)
        if e.malformed() or e.kind in DIRECTIONS and e.at < now:
            return {"outcome": "malformed"}
        verdict = self.view(max(now, e.at)).verdict(e)
        if verdict == "malformed":
            return {"outcome": "malformed"}
        if verdict:
            return {"outcome": "refused", "rule": verdict}
        for breach in self.view(e.at).judge(e):
            self.breaches.append(dict(breach, seq=len(self.log) + 1, at=text_of(e.at)))
        if e.kind in ("MPID transferred", "MPID transferred in codes"):
            e.moved = [m for m in e.mpids if self.view(e.at).owner(m, e.kind) != e.party]
        self.log.append(e)
        self.views = {}
        return {"outcome": "applied"}


class View:
    """What the first n events of the log say of an instant; of the events at that instant, those before the position until, if there is one."""

    def __init__(self, settings, log, n, at, until=0):
        self.settings, self.log, self.n, self.at = settings, log, n, at
        self.past = [(pos, e) for pos, e in enumerate(log[:n], 1) if e.at < at or e.at == at and (not until or pos < until)]
        self.told, self.sorted, self.stints, self.paths, self.freezes = None, None, {}, {}, {}

    def before(self, n, at):
        return View(self.settings, self.log, n, at)

    def then(self, pos, e):
        """What is known now of the time just before an event."""
        x = View(self.settings, self.log, self.n, e.at, pos)
        x.told = [g for g in self.failures() if self.precedes(g.pos, pos)]
        return x

    def in_time(self):
        if self.sorted is None:
            self.sorted = sorted(self.past, key=lambda x: (x[1].at, x[0]))
        return self.sorted

    def precedes(self, a, b):
        """Whether the event at a position came before another one, by time, and at one instant by position. Position zero is before all."""
        return b > 0 and (a == 0 or (self.log[a - 1].at, a) < (self.log[b - 1].at, b))

    def happened(self, *kinds):
        return [(pos, e) for pos, e in self.past if e.kind in kinds]

    def of(self, f, *kinds):
        return [(pos, e) for pos, e in self.past if e.kind in kinds and e.failure == f.id]

    def regime(self, at):
        fixed = {"baseline": BASELINE, "mp134a": MP134A, "mp185": MP185}.get(self.settings["regime"])
        return fixed if fixed is not None else MP185 if at >= MP185_FROM else MP134A if at >= MP134A_FROM else BASELINE

    # What is recorded.

    def owner(self, mpid, moved="MPID transferred"):
        who, when = "", ZERO
        for _, e in self.past:
            if e.kind in ("MPID allocated", moved, "MPID retired") and e.at >= when and mpid in e.moved:
                who, when = ("" if e.kind == "MPID retired" else e.party), e.at
        return who

    def mpids(self):
        return [m for e in self.log[:self.n] if e.kind == "MPID allocated" for m in e.mpids]

    def certificates(self, subscriber=None):
        return [e.certificate for e in self.log[:self.n] if e.kind == "certificate issued" and subscriber in (None, e.certificate.subscriber)]

    def certificate(self, name):
        return next((c for c in self.certificates() if c.id == name), None)

    def revoked(self, name):
        return any(name in e.certificates for _, e in self.happened("certificate revoked", "CRL published"))

    def user(self, name):
        return next((e.user for e in reversed(self.log[:self.n]) if e.kind == "user recorded" and e.user["id"] == name), None)

    def suspended(self, name):
        last = [e for e in self.log[:self.n] if e.kind in ("user recorded", "user suspended") and e.user["id"] == name][-1]
        return last.kind == "user suspended" or bool(last.user.get("suspended"))

    def srps(self, supplier):
        return [e.by for _, e in self.happened("SRP engaged") if e.party == supplier]

    # The lives of the failures.

    def failures(self):
        if self.told is None:
            self.told = self.tell()
        return self.told

    def tell(self):
        lives, now = [], ZERO
        seen = {pos for pos, _ in self.past}
        for pos, e in enumerate(self.log[:self.n], 1):
            if pos not in seen:
                if e.at > self.at:  # it was known then what had happened by the instant
                    self.advance(lives, pos - 1, now, self.at)
                    now = self.at
                continue
            self.advance(lives, pos - 1, now, max(now, e.at))
            now = max(now, e.at)
            f = next((x for x in lives if x.id == e.failure), None)
            if e.kind in ("failure notified", "licence revoked"):
                said = [(x, o.kind) for x, o in enumerate(self.log[:self.n], 1) if o.failure == e.failure and o.kind in ("failure notified", "licence revoked")]
                if f is None and said[0][0] < pos:
                    continue  # what opened the failure has not happened yet
                if f is None:
                    f = SimpleNamespace(id=e.failure, supplier=e.party, pos=pos, end=0, closed=None, phase="ceased", revoked=None, notified=e.at)
                    lives.append(f)
                if e.kind == "licence revoked" and pos == min(x for x, kind in said if kind == e.kind):
                    f.revoked = e.at
            elif f and e.kind == "supplier exited" and f.phase == "ceased":
                f.phase = "exited" if f.revoked is not None else "closed"
                if f.phase == "closed":
                    f.end, f.closed = pos, e.at
            self.advance(lives, pos, now, now)
        self.advance(lives, self.n, now, max(now, self.at))
        return lives

    def advance(self, lives, n, since, now):
        """Closes what has nothing left (R11); an event or the expiry of a certificate can do that."""
        expired = any(e.kind == "certificate issued" and e.certificate.end != ZERO and since <= e.certificate.end < now for e in self.log[:n])
        if not lives or not expired and not (n and self.log[n - 1].kind in (
                "licence revoked", "failure notified", "MPID transferred", "MPID retired", "certificate revoked", "CRL published", "exit released", "SoLR appointed", "transfer directed")):
            return
        then = self.before(n, now)
        then.told = lives
        for f in lives:
            if f.phase != "closed" and f.revoked is not None and then.empty(f):
                f.phase, f.end, f.closed = "closed", n, now

    def failure(self, name):
        return next((f for f in self.failures() if f.id == name), None)

    def failing(self, party):
        return next((f for f in self.failures() if f.supplier == party and f.phase != "closed"), None)

    def unlicensed(self, party):
        return any(f.supplier == party and f.revoked is not None for f in self.failures())

    def exited(self, f):
        return next((pos for pos, _ in self.of(f, "supplier exited")), 0)

    # The MPIDs of a failure.

    def stint(self, f, mpid):
        """How an MPID came into a failure and left it: what brought it in, whether it is gone, what kept it after an exit, and whether it is out (retired, or in another failure instead)."""
        key = (f.id, mpid)
        if key not in self.stints:
            self.stints[key] = self.tell_stint(f, mpid)
        return self.stints[key]

    def tell_stint(self, f, mpid):
        def came(pos):
            return SimpleNamespace(entered=pos, gone=False, left=0, kept=0, out=False)

        def leave(pos):
            if not s.gone:
                s.gone, s.left = True, pos

        s, holder = came(0), ""
        for pos, e in self.in_time():
            mine = e.failure == f.id
            if e.kind in ("failure notified", "licence revoked"):
                if holder != e.party or not any(g.pos == pos for g in self.failures()):
                    continue
                if mine:
                    s = came(pos)
                elif s.entered and self.open_for(f, pos, e):
                    leave(pos)
                    s.out = True
            elif mpid not in e.moved:
                continue
            elif e.kind in ("MPID allocated", "MPID transferred"):
                if e.party == holder:
                    continue  # it is known now to have been there before
                holder = e.party
                if s.entered and not s.kept and self.open_for(f, pos, e):
                    leave(pos)
                if s.entered and any(g.supplier == holder != f.supplier and self.open_for(g, pos, e) for g in self.failures()):
                    s.out = True
                if holder == f.supplier and self.open_for(f, pos, e):
                    s = came(pos)
            elif e.kind == "MPID retired":
                holder = ""
                if s.entered:
                    s.out = True
                    if self.open_for(f, pos, e):
                        leave(pos)
            elif not mine or not s.entered or not holder:
                continue
            elif e.kind == "transfer directed":
                if holder == e.party != f.supplier:
                    leave(pos)
                elif holder != e.party and (s.gone or s.kept) and not self.in_another(f, mpid, pos, e):
                    s = came(pos)
            elif e.kind == "SoLR appointed" and holder == e.party and not s.kept:
                leave(pos)
            elif e.kind == "exit released" and not s.gone and not s.kept:
                if e.party == f.supplier:
                    s.kept = pos
                elif holder == e.party:
                    leave(pos)
        return s

    def open_for(self, f, pos, e):
        """Whether a failure was open for an event."""
        return not self.precedes(pos, f.pos) and (f.phase != "closed" or e.at < f.closed or e.at == f.closed and pos <= f.end)

    def in_another(self, f, mpid, pos, e):
        """Whether an MPID was in another failure just before an event."""
        then = self.then(pos, e)
        return any(g.id != f.id and self.open_for(g, pos, e) and mpid in then.left(g) for g in then.told)

    def joined(self, f):
        return [m for m in self.mpids() if self.stint(f, m).entered]

    def left(self, f):
        return [m for m in self.joined(f) if not self.stint(f, m).gone and not self.stint(f, m).kept]

    def of_failure(self, f):
        """The MPIDs that certificates wait for: each is in at most one open failure (R15)."""
        def elsewhere(m):
            return self.owner(m) != f.supplier and self.failing(self.owner(m)) is not None
        return [m for m in self.joined(f) if not self.stint(f, m).out and not self.stint(f, m).kept and not elsewhere(m)]

    def concerned(self, mpid):
        """The open failure that an MPID is in, or was in last."""
        found = [f for f in self.failures() if f.phase != "closed" and mpid in self.joined(f) and not self.stint(f, mpid).kept]

        def last(f):
            s = self.stint(f, mpid)
            return not s.gone, self.log[s.left - 1].at if s.gone else self.at, self.log[s.entered - 1].at, s.entered
        return max(found, key=last, default=None)

    def empty(self, f):
        alive = any(not self.revoked(c.id) and (c.end == ZERO or self.at <= c.end) for c in self.certificates(f.supplier) if self.r2_supplier_certificate(c))
        keeps = f.phase == "exited" and any(self.stint(f, m).kept for m in self.joined(f))
        return (not alive or keeps) and not self.left(f)

    # Where an MPID is to go.

    def directions(self, f, mpid):
        key = (f.id, mpid)
        if key not in self.paths:
            self.paths[key] = self.tell_directions(f, mpid)
        return self.paths[key]

    def tell_directions(self, f, mpid):
        s, path = self.stint(f, mpid), []
        for pos, e in self.of(f, "SoLR appointed", "transfer directed", "exit released"):
            if not s.entered or self.precedes(pos, s.entered) or mpid not in e.mpids:
                continue
            appointment = e.kind == "SoLR appointed"
            d = SimpleNamespace(to=e.party, pos=pos, given=e.at, start=e.effective if appointment else e.at, date=midnight(e.date) if appointment else None, exit=e.kind == "exit released", ended=0)
            holds = self.then(pos, e).owner(mpid) == e.party
            if e.kind == "transfer directed" and holds and pos != s.left or d.exit and d.to == f.supplier or s.gone and self.precedes(s.left, pos) and not (appointment and holds):
                continue  # to leave it where it is directs nothing, nor does what is about an MPID that is gone
            if appointment and path and path[-1].to == d.to and path[-1].date == d.date and not self.void(f, path[-1], pos):
                continue  # a repeat
            current = next((x for x in reversed(path) if x.start <= e.at), None)
            if e.kind == "transfer directed" and current and current.to == d.to and not self.void(f, current, pos):
                continue  # a repeat (R18)
            path = [x for x in path if not (x.start > e.at and (x.to != d.to or appointment and x.date != d.date))]
            for x in path:
                if pos == s.left and x.to == f.supplier:
                    x.ended = pos  # it is to stay where it is
            path.append(d)
        return path

    def void(self, f, d, by=None):
        """Whether a direction is void: its party has failed since (R15), the supplier found an exit (R14), or a later one leaves the MPID where it is."""
        def counts(pos):
            return pos > 0 and (by is None or self.precedes(pos, by))

        exited = self.exited(f)
        return d.pos < exited and counts(exited) or counts(d.ended) or d.to != f.supplier and any(g.supplier == d.to and d.pos < g.pos and counts(g.pos) for g in self.failures())

    def voided(self, f, d):
        times = [self.log[g.pos - 1].at for g in self.failures() if g.supplier == d.to and g.pos > d.pos]
        times += [self.log[x - 1].at for x in [self.exited(f)] if x > d.pos]
        return max(min(times + [self.at]), d.given)

    def took_effect(self, f, d):
        return d.start <= self.at and not (self.void(f, d) and d.start > self.voided(f, d))

    def r4_directed(self, f, mpid):
        return next((d for d in reversed(self.directions(f, mpid)) if self.took_effect(f, d)), None)

    def r4_due(self, f, mpid):
        d = self.r4_directed(f, mpid)
        return d if d and not self.void(f, d) else None

    def meant(self, f, mpid):
        """Whom a duty names: as directed, as appointed from a later day on, or as announced."""
        d = self.r4_due(f, mpid) or next((d for d in reversed(self.directions(f, mpid)) if d.start > self.at and not self.void(f, d)), None)
        if d:
            return d.to
        s, last, to = self.stint(f, mpid), (ZERO, 0), ""
        opening = (self.log[f.pos - 1].at, f.pos)

        def order(pos):
            return self.log[pos - 1].at, pos
        for pos, e in self.of(f, "SoLR announced"):
            when = max((e.at, pos), opening) if e.at < opening[0] else (e.at, pos)  # it counts from the notice on
            inside = s.entered and when >= order(s.entered) and not (s.gone and when > order(s.left)) and not (s.kept and when > order(s.kept))
            if inside and mpid in e.mpids and when >= last:
                last, to = when, e.party
        if any(order(d.pos) > last for d in self.directions(f, mpid)) or any(g.supplier == to and (g.pos > last[1] or order(g.pos) > last) for g in self.failures()):
            return ""
        return to

    def appointed(self, f, mpid):
        d = self.r4_directed(f, mpid)
        return d and next((a for a in reversed(self.directions(f, mpid)) if a.to == d.to and a.date and self.took_effect(f, a)), None)

    def solr(self, f, mpid):
        a = self.appointed(f, mpid)
        return a.to if a and self.exited(f) < a.pos and not self.unlicensed(a.to) else ""

    # The rules.

    def r1_due(self, f):
        return f.revoked is not None

    def r2_supplier_certificate(self, c):
        return self.settings["deviceIncluded"] if c.use == "device" else c.use != "iki" or not self.settings["ikiExempt"]

    def r3_r6_held(self, f, x):
        return self.delay(f, x) > 0

    def delay(self, f, x):
        """The position of the latest delay of an item that the DCC has received and the PMA has not ended since."""
        return max([pos for pos, e in self.of(f, "delay directed") if self.covers(f, pos, e, x) and self.let_go(f, x) < pos and self.received(f, pos, e)], default=0)

    def covers(self, f, pos, e, x):
        mpid, certificate = x
        if ("transfer" if mpid else "revocation") not in e.controls.split("+"):
            return False
        if (e.mpids or e.certificates) and mpid not in e.mpids and certificate not in e.certificates:
            return False
        given = self.before(pos - 1, e.at)  # what was done by then it does not hold (R16)
        given.told = self.failures()
        return mpid in given.left(f) or given.certificate(certificate) is not None and not given.revoked(certificate)

    def received(self, f, pos, delay):
        for p, e in self.of(f, "delay received"):
            if p > pos and (e.ref == delay.id if e.ref else e.at >= delay.at):
                return max(e.at, delay.at)
        return None

    def let_go(self, f, x):
        """The position of the PMA's last instruction to let an item go. One that names an MPID that is done has no effect on it (R16)."""
        return max([pos for pos, e in self.of(f, "release instructed", "exit released") if x[1] in e.certificates or x[0] in e.mpids and x[0] in self.left_then(f, pos, e)], default=0)

    def left_then(self, f, pos, e):
        then = self.before(pos - 1, e.at)
        then.told = self.failures()
        return then.left(f)

    def released(self, f, x):
        pos = self.let_go(f, x)
        return pos if self.precedes(self.stint(f, x[0]).entered if x[0] else 0, pos) else 0  # an MPID that came back needs a new one

    def r7_frozen(self, f, action):
        """The position of the delay that froze the failure for an act: the last that reached the DCC of those given under MP185 that held anything."""
        control = "revocation" if action in (REVOKE, ISSUE, PUBLISH) else "transfer" if action == TRANSFER else "revocation+transfer"
        if (f.id, control) not in self.freezes:
            found = []
            for pos, e in self.of(f, "delay directed"):
                if self.regime(e.at) != MP185 or self.settings["freezeControlOnly"] and not set(e.controls.split("+")) & set(control.split("+")):
                    continue
                if self.received(f, pos, e) and self.held_anything(f, pos, e):
                    found.append(pos)
            self.freezes[f.id, control] = max(found, default=0)
        return self.freezes[f.id, control]

    def held_anything(self, f, pos, e):
        given = self.before(pos - 1, e.at)
        given.told = self.failures()
        return any(self.covers(f, pos, e, item(m)) for m in given.left(f)) or any(
            not given.revoked(c.id) and self.covers(f, pos, e, item(certificate=c.id)) for c in given.certificates(f.supplier))

    def r7_forbids(self, f, action, x=("", ""), user=""):
        since = self.r7_frozen(f, action)
        if not since:
            return False
        if x != item() and action in (REVOKE, TRANSFER, PUBLISH) and self.released(f, x) > since:
            return False
        return not any(pos > since and e.action == action and (x[1] in e.certificates if x[1] else e.user and e.user["id"] == user) for pos, e in self.of(f, "action instructed"))

    def r8_confirmed(self, f, party):
        return {e.confirmation for _, e in self.of(f, "confirmed") if e.by == party} == set(CONFIRMATIONS)

    def r8_mpid(self, f, mpid):
        to = self.meant(f, mpid)
        return to != "" and self.r8_confirmed(f, to)

    def r8_certificates(self, f):
        def waits(m):
            d, s = self.r4_due(f, m), self.stint(f, m)
            if s.gone and s.left:  # a confirmation stays good for an MPID that went on it
                went = self.log[s.left - 1]
                then = self.then(s.left, went)
                if then.r8_mpid(f, m) or went.kind in DIRECTIONS and then.r8_confirmed(f, went.party):  # a direction leaves it with the party that has it
                    return False
            return not s.gone and (not d or d.to == f.supplier) or not self.r8_mpid(f, m)
        return not any(waits(m) for m in self.of_failure(f))

    def r11_agreed(self, f, mpid, d):
        agreed = set()
        for pos, e in self.of(f, "transfer agreed", "release instructed"):
            if self.precedes(pos, self.stint(f, mpid).entered) or mpid not in e.mpids:
                continue
            then = self.then(pos, e)
            if mpid in then.left(f) and then.meant(f, mpid) == d.to and (e.agreeing != "SoLR" or e.by == d.to):
                agreed.add(e.agreeing or "PMA")
        return len(agreed) == 3

    def r14_released(self, f, certificate):
        return any(certificate in e.certificates for _, e in self.of(f, "exit released"))

    def r15_failed(self, party):
        return any(f.supplier == party and (f.phase != "closed" or f.revoked is not None) for f in self.failures())

    def r18_binds(self, trigger):
        return self.regime(self.at) == MP185 and not (self.settings["undoneActsExempt"] and trigger is not None and self.regime(trigger) != MP185)

    def transfer_breaks(self, f, mpid, to):
        if self.stint(f, mpid).gone:
            return ["R16"]
        d, x = self.r4_due(f, mpid), item(mpid)
        binds = self.r18_binds(d and d.given) and not (d and (d.exit or d.to == f.supplier))
        return rules(R4=not d or d.to != to, R6=self.r3_r6_held(f, x), R7=self.r7_forbids(f, TRANSFER, x), R8=binds and not self.r8_mpid(f, mpid),
                     R11=binds and not (d and self.r11_agreed(f, mpid, d)))

    def revocation_breaks(self, f, c):
        x, exited = item(certificate=c.id), f.phase == "exited"
        return rules(R1=not self.r1_due(f), R2=not self.r2_supplier_certificate(c), R3=self.r3_r6_held(f, x), R7=self.r7_forbids(f, REVOKE, x),
                     R8=not exited and self.r18_binds(f.revoked) and not self.r8_certificates(f),
                     R14=exited and self.regime(self.at) != BASELINE and not self.r14_released(f, c.id))

    def threshold_breaks(self, f, t):
        instructed = self.instructed(f, t)
        return rules(R7=instructed < self.r7_frozen(f, APPLY), R9=self.regime(self.at) == MP185 and f.revoked is not None and not instructed)

    def instructed(self, f, t):
        """The position of the PMA's instruction to apply a threshold: of those for the User and variant the last counts."""
        found = 0
        for pos, e in self.of(f, "thresholds instructed"):
            for x in self.carried(e):
                if x[:2] == t[:2]:
                    found = pos if x == t else 0
        return found

    def carried(self, e):
        q = self.request(e.request)
        return q.event.support["thresholds"] if q else e.thresholds

    # Support.

    def request(self, name):
        q = None
        for _, e in self.happened("support requested", "support approved", "support refused", "support accepted", "support declined", "support withdrawn"):
            if e.request == name:
                if e.kind == "support requested":
                    q = SimpleNamespace(event=e, steps=set())
                elif q:
                    q.steps.add(e.kind.split()[1])
        return q

    def r9_in_force(self, f, q):
        s = q.event.support
        completed = [e.kind for _, e in self.of(f, "migration completed", "completion withdrawn") if e.by == q.event.by][-1:] == ["migration completed"]
        return {"approved", "accepted"} <= q.steps and "withdrawn" not in q.steps and s["from"] <= self.at and (s["to"] == ZERO or self.at < s["to"]) and not completed and not self.unlicensed(q.event.by)

    def supports(self, f):
        return [self.request(e.request) for _, e in self.of(f, "support requested")]

    def r9_covers(self, f, q, srv, device, mpid):
        s = q.event.support
        return self.r9_in_force(f, q) and srv in s["srvs"] and (not s["devices"] or device in s["devices"]) and any(
            mpid in ("", m) and self.solr(f, m) == q.event.by and not self.r12_lapsed(f, m) for m in self.joined(f))

    def r10_covers(self, f, srv, mode, mpid):
        if mode != "credit" if srv == "1.6" else srv not in self.settings["safeModeVariants"]:
            return False
        return any(self.regime(e.at) == MP134A or mpid in self.joined(f) and self.solr(f, mpid) == "" for _, e in self.of(f, "safe mode instructed"))

    def r12_end(self, f, mpid):
        a = self.appointed(f, mpid)
        return a and midnight(a.date, 90)

    def r12_lapsed(self, f, mpid):
        end, a = self.r12_end(f, mpid), self.appointed(f, mpid)
        for pos, e in self.of(f, "arrangement extended"):
            if a and (not e.mpids or mpid in e.mpids) and pos > a.pos:
                end = max(end, e.date)  # an extension moves the lapse on, never back
        return self.settings["lapseAfterArrangement"] and end is not None and self.at >= end

    def overruns(self):
        found = []
        for f in self.failures():
            for q in self.supports(f) if f.revoked is not None and f.phase != "closed" else []:
                for m in self.joined(f):
                    end = self.r12_end(f, m)
                    if end and self.at >= end and not self.stint(f, m).gone and self.r9_in_force(f, q) and self.solr(f, m) == q.event.by and not self.r12_lapsed(f, m):
                        found.append({"failure": f.id, "mpid": m, "request": q.event.request, "srp": q.event.party, "since": text_of(end)})
        return found

    def standing(self, party, srv, mode, device, mpid):
        if not self.unlicensed(party) or self.regime(self.at) != MP185 or self.settings["topUpsExempt"] and srv == "2.2":
            return "not needed"
        for f in self.failures():
            if f.supplier == party and (self.r10_covers(f, srv, mode, mpid) or any(self.r9_covers(f, q, srv, device, mpid) for q in self.supports(f))):
                return "covered"
        return "refused" if self.settings["enforce"] else "not covered"

    # What is refused.

    def verdict(self, e):
        """"malformed", the rule that refuses an event, or nothing."""
        rule = self.r18_not_in_force(e)
        if rule:
            return rule
        f = self.failure(e.failure) if "failure" in NEEDS[e.kind] else None
        if "failure" in NEEDS[e.kind] and e.kind not in ("failure notified", "licence revoked"):
            if f is None:
                return "malformed"
            if e.kind in DIRECTIONS and f.phase == "closed":
                return "R11"
            rule = self.unfit(f, e)
            if rule:
                return rule
        return "malformed" if self.unknown(e, f) else self.refusal(e, f)

    def r18_not_in_force(self, e):
        regime = self.regime(e.at)
        if e.kind in ("delay directed", "release instructed"):
            transfer = "transfer" in e.controls if e.kind == "delay directed" else bool(e.mpids)
            return "R3" if regime == BASELINE else "R6" if regime == MP134A and transfer else ""
        if e.kind == "safe mode instructed":
            return "R10" if regime == BASELINE else ""
        return "" if regime == MP185 else {"action instructed": "R7", "support requested": "R9", "thresholds instructed": "R9", "transfer agreed": "R11", "arrangement extended": "R12"}.get(e.kind, "")

    def unfit(self, f, e):
        directs = e.kind in ("SoLR appointed", "transfer directed") or e.kind == "exit released" and e.mpids
        if e.kind in ("SoLR appointed", "delay directed", "release instructed") and f.phase == "exited" or e.kind == "exit released" and f.phase != "exited":
            return "R14"
        if e.kind == "SoLR appointed" and e.party == f.supplier:
            return "R4"
        if directs and e.party != f.supplier and self.r15_failed(e.party):
            return "R15"
        for m in e.mpids if e.kind == "transfer directed" else []:
            if m not in self.joined(f) or not self.owner(m):
                return "malformed"
            g = self.concerned(m)
            if g not in (None, f) and not self.stint(g, m).gone:
                return "R15"
        return ""

    def unknown(self, e, f):
        kind, known = e.kind, self.mpids()
        if kind == "user recorded":
            u = self.user(e.user.get("id"))
            return not e.user.get("id") or set(e.user["id"]) <= set("0-") or not e.user.get("party") or u is not None and u["party"] != e.user["party"]
        if kind == "MPID allocated":
            return any(m in known or not re.fullmatch("[A-Z0-9]{3,4}", m) for m in e.mpids)
        if kind == "certificate issued":
            return not e.certificate.id or not e.certificate.subscriber or self.certificate(e.certificate.id) is not None
        if kind in ("failure notified", "licence revoked"):
            return (f.supplier != e.party or f.phase == "closed") if f else self.failing(e.party) is not None
        if kind == "exit released" and (not e.mpids and not e.certificates or e.mpids and not e.party):
            return True
        if kind in ("SoLR announced", "SoLR appointed", "delay directed", "release instructed", "exit released", "arrangement extended", "transfer agreed") and any(m not in self.joined(f) for m in e.mpids):
            return True
        if kind in ("delay directed", "release instructed", "exit released") and any(self.certificate(c) is None or self.certificate(c).subscriber != f.supplier for c in e.certificates):
            return True
        if kind == "delay directed":
            controls = e.controls.split("+")
            return bool(e.mpids and "transfer" not in controls or e.certificates and "revocation" not in controls)
        if kind == "delay received":
            return bool(e.ref) and not any(x.id == e.ref for x in self.log)
        if kind == "thresholds applied" and any(self.user(t[0]) is None for t in e.thresholds):
            return True
        if kind == "SoLR announced":
            return e.party == f.supplier
        if kind == "transfer agreed":
            return e.agreeing == "SoLR" and not e.by
        if kind == "action instructed":
            return e.action in (REVOKE, TRANSFER, APPLY) or (not e.certificates if e.action in (ISSUE, PUBLISH) else not e.user or e.user["id"] == NO_USER)
        if kind == "thresholds instructed":
            q = self.request(e.request)
            return not e.request and not e.thresholds or bool(e.request) and (q is None or q.event.failure != e.failure)
        past = self.before(self.n, e.at)
        if kind == "MPID retired":
            return any(not past.owner(m, moved) or any(x.at > e.at and x.kind in (moved, "MPID retired") and m in x.moved for x in self.log)
                       for m in e.mpids for moved in ("MPID transferred", "MPID transferred in codes"))
        if kind in ("MPID transferred", "MPID transferred in codes"):
            return any(not past.owner(m, kind) for m in e.mpids)
        if kind in USER_ACTS:
            return self.user(e.user.get("id")) is None
        if kind == "support requested":
            return self.request(e.request) is not None or not e.support["srvs"] or e.support["from"] == ZERO or e.support["to"] != ZERO and e.support["from"] >= e.support["to"]
        if kind.startswith("support "):
            return self.request(e.request) is None
        return False

    def foreign(self, f, thresholds):
        return any(self.user(t[0]) is None or self.user(t[0])["party"] != f.supplier for t in thresholds)

    def refusal(self, e, f):
        kind, q = e.kind, self.request(e.request)
        if kind == "safe mode instructed":
            no_solr = self.regime(e.at) != MP185 or any(not self.solr(f, m) for m in self.left(f))
            return "" if f.revoked is not None and e.party in self.srps(f.supplier) and no_solr else "R10"
        if kind == "release instructed":
            for m in e.mpids:
                d = self.r4_directed(f, m)
                if m in self.left(f) and self.r18_binds(d and d.given) and self.meant(f, m) != f.supplier and not self.r8_mpid(f, m):
                    return "R8"
            unrevoked = any(not self.revoked(c) for c in e.certificates)
            return "R8" if unrevoked and self.r18_binds(f.revoked) and not self.r8_certificates(f) else ""
        if kind == "confirmed":
            if self.r15_failed(e.by):
                return "R15"
            mine = [m for m in self.joined(f) if self.meant(f, m) == e.by]
            settled = self.r8_confirmed(f, e.by) and all(self.stint(f, m).gone or self.released(f, item(m)) and not self.delay(f, item(m)) for m in mine)
            stated = {x.by for _, x in self.of(f, "position stated")}
            unheard = e.confirmation == "SRP support" and not set(self.srps(f.supplier)) <= stated
            return "R8" if not mine or settled or unheard else ""
        if kind == "transfer agreed":
            for m in e.mpids:
                s, d = self.stint(f, m), self.r4_directed(f, m)
                if s.gone or s.kept:
                    continue
                free = self.meant(f, m) == f.supplier or d and d.exit
                if not free and not self.r8_mpid(f, m) or e.agreeing == "SoLR" and self.meant(f, m) != e.by:
                    return "R11"
            return ""
        if kind == "support requested":
            if self.r15_failed(e.by):
                return "R15"
            if e.party not in self.srps(f.supplier) or not any(self.solr(f, m) == e.by for m in self.joined(f)):
                return "R9"
            return "malformed" if self.foreign(f, e.support["thresholds"]) else ""
        if kind in ("support approved", "support refused"):
            return "R9" if q.steps & {"approved", "refused"} or e.by and e.by != q.event.party else ""
        if kind in ("support accepted", "support declined", "support withdrawn"):
            closed = {"declined", "withdrawn"} | ({"accepted"} if kind != "support withdrawn" else set())
            return "R9" if q.event.party != e.by or "approved" not in q.steps or q.steps & closed else ""
        if kind == "thresholds instructed":
            if q is None:
                carries = self.settings["safeModeCarriesThresholds"] and self.of(f, "safe mode instructed")
                return "R10" if not carries else "malformed" if self.foreign(f, e.thresholds) else ""
            if "approved" not in q.steps or q.steps & {"declined", "withdrawn"}:
                return "R9"
            return "R15" if self.unlicensed(q.event.by) else "" if q.event.support["thresholds"] else "R9"
        if kind == "migration completed":
            became = any(d.to == e.by and self.took_effect(f, d) for m in self.joined(f) for d in self.directions(f, m))
            return "" if became else "R9"
        if kind == "completion withdrawn":
            advised = [x.kind for _, x in self.of(f, "migration completed", "completion withdrawn") if x.by == e.by][-1:]
            return "" if advised == ["migration completed"] else "R9"
        return ""

    # Acts, duties and decisions.

    def judge(self, e):
        """The breaches of an act of the DCC. The view is of the time of the act (R17)."""
        found = []

        def add(f, action, broken, **names):
            if broken:
                found.append(dict(names, failure=f.id, action=action, rules=",".join(broken)))
        if e.kind == "MPID transferred":
            for m in e.mpids:
                f = self.concerned(m)
                if f and self.owner(m) != e.party:
                    add(f, TRANSFER, self.transfer_breaks(f, m, e.party), mpid=m)
        elif e.kind in ("certificate revoked", "CRL published"):
            action = REVOKE if e.kind == "certificate revoked" else PUBLISH
            for name in e.certificates:
                reports = [x for _, x in self.happened("certificate revoked", "CRL published") if name in x.certificates]
                c = self.certificate(name)
                f = c and self.failing(c.subscriber)
                if not f or e.reason in ORDINARY or any(x.reason in ORDINARY for x in reports):
                    continue
                if not reports:
                    add(f, action, self.revocation_breaks(f, c), certificate=name)
                elif action == PUBLISH and not any(x.kind == "CRL published" for x in reports):
                    add(f, action, rules(R7=self.r7_forbids(f, PUBLISH, item(certificate=name))), certificate=name)
        elif e.kind == "certificate issued":
            f, name = self.failing(e.certificate.subscriber), e.certificate.id
            if f:
                add(f, ISSUE, rules(R7=self.r7_forbids(f, ISSUE, item(certificate=name))), certificate=name)
        elif e.kind == "thresholds applied":
            for t in e.thresholds:
                f = self.failing(self.user(t[0])["party"])
                if f:
                    add(f, APPLY, self.threshold_breaks(f, t), user=t[0])
        elif e.kind in USER_ACTS:
            f, action = self.failing(self.user(e.user["id"])["party"]), USER_ACTS[e.kind]
            if f:
                add(f, action, rules(R7=self.r7_forbids(f, action, user=e.user["id"])), user=e.user["id"])
        return found

    def duties(self):
        found = []
        for f in self.failures():
            if f.phase == "closed":
                continue

            def add(modality, action, broken=(), demands="", **names):
                found.append(dict(names, failure=f.id, modality="must not" if broken else modality, action=action, rules=",".join(broken) or demands))
            for m in self.left(f):
                d, to = self.r4_due(f, m), self.meant(f, m)
                add("must", TRANSFER, self.transfer_breaks(f, m, to), "R14" if d and d.exit else "R4", mpid=m, to=to)
            for c in self.certificates(f.supplier):
                if self.r2_supplier_certificate(c) and not self.revoked(c.id):
                    add("must", REVOKE, self.revocation_breaks(f, c), "R1", certificate=c.id)
            for pos, e in self.of(f, "thresholds instructed"):
                for t in self.carried(e):
                    applied = [x for _, a in self.happened("thresholds applied") for x in a.thresholds if x[:2] == t[:2]][-1:]
                    if self.instructed(f, t) == pos and applied != [t]:
                        add("must", APPLY, self.threshold_breaks(f, t), "R9", threshold=dict(zip(("user", "srv", "warning", "quarantine"), t)))
            add("may", APPLY, self.threshold_breaks(f, ("", "", 0, 0)))
            for action in (ISSUE, PUBLISH, *USER_ACTS.values()):
                add("may", action, rules(R7=self.r7_frozen(f, action) > 0))
            for pos, e in self.of(f, "action instructed"):
                if 0 < self.r7_frozen(f, e.action) < pos:
                    for names in [{"certificate": x} for x in e.certificates] if e.action in (ISSUE, PUBLISH) else [{"user": e.user["id"]}]:
                        add("may", e.action, (), "R7", **names)
        for d in found:
            if "threshold" in d and not d["threshold"]["srv"]:
                del d["threshold"]["srv"]
        return found

    def good(self, name, use, subject):
        c = self.certificate(name)
        return c and not self.revoked(name) and c.start <= self.at and (c.end == ZERO or self.at <= c.end) and c.use == use and subject in (None, c.subject)

    def decide(self, q, variants, devices):
        """Whether a Service Request passes: certificates and authority for now, MPID and registration for when it is executed (R5)."""
        required = instant(q.get("execution")) if q.get("execution") else self.at
        then, v, u = self.before(self.n, required), variants[q["srv"]], self.user(q["user"])
        passes, mpid, device, standing = u is not None and not self.suspended(q["user"]), "", q.get("device", ""), "unknown"
        if u:
            roles = set(u.get("roles", "").split(",")) & set(v["roles"].split(",")) - {""}
            fuels = {r: {"GS": "gas", "GT": "gas", "RSA": None, "OU": None}.get(r, "electricity") for r in roles}
            held = {m: e.fuel or "electricity" for e in self.log if e.kind == "MPID allocated" for m in e.mpids if then.owner(m) == u["party"]}
            if not roles:
                passes = False
            if v.get("nonDevice"):
                passes = passes and any(fuel is None or fuel in held.values() for fuel in fuels.values())
            else:
                mpid = self.registered(device, roles, required, devices)
                reaches = device in devices and (any(fuel is None for fuel in fuels.values()) or mpid != "" and mpid in held)
                passes = passes and reaches
            standing = self.standing(u["party"], q["srv"], q.get("mode", ""), "" if v.get("nonDevice") else device, mpid)
        passes = passes and standing in ("not needed", "covered", "not covered") and self.good(q.get("xmlSign", ""), "xml-sign", q["user"])
        if q["variant"] in (5, 6, 7):
            passes = passes and self.good(q.get("signing", ""), "signing", q["user"])
        if not self.good(q.get("channel", ""), "dccki", None):
            return {"outcome": "no connection", "standing": standing}
        return {"outcome": "accepted" if passes else "rejected", "standing": standing}

    def registered(self, device, roles, required, devices):
        """The MPID that the device's metering point is registered to, if one of the roles reaches it."""
        mpid = ""
        for start, fuel, to in devices.get(device, []):
            if start <= required and ("IS" if fuel == "electricity" else "GS") in roles:
                mpid = to
        return mpid


def rules(**broken):
    return sorted((r for r, is_so in broken.items() if is_so), key=lambda r: int(r[1:]))


class Conversation:
    """Answers the messages of the kit."""

    def answer(self, m):
        do = m["do"]
        if do == "reset":
            self.register, self.variants, self.devices = Register(m["settings"]), {v["srv"]: v for v in m["variants"]}, {}
            return {"seals": False}
        if do == "apply":
            return self.register.apply(Event(m["event"]))
        if do == "device":
            d = m["device"]
            self.devices.setdefault(d["id"], []).append((instant(d["from"]), d["fuel"], d["mpid"]))
            return {}
        if do == "breaches":
            return {"breaches": self.register.breaches}
        view = self.register.view(instant(m["at"]))
        if do == "duties":
            return {"duties": view.duties()}
        if do == "overruns":
            return {"overruns": view.overruns()}
        if do == "owner":
            return {"party": view.owner(m["mpid"], "MPID transferred" if m["map"] == "DCC" else "MPID transferred in codes")}
        if do == "decide":
            return view.decide(m["request"], self.variants, self.devices)
        return {"error": "unknown message " + do}


def main():
    conversation = Conversation()
    for line in sys.stdin:
        print(json.dumps(conversation.answer(json.loads(line)), separators=(",", ":")), flush=True)


if __name__ == "__main__":
    main()
