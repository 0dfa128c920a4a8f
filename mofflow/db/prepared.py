"""The statements of `statements.py`, compiled. Written by `python -m mofflow.db.statements`."""

# fmt: off
SQL: dict[str, str] = {
    "cases_by_key": (
        'SELECT "case"."key", "case".number, "case".kind, "case".title, "case".workflow, '
        '"case".definition, "case".state, "case".stage, "case".final, "case".entered_at, '
        '"case".entered_seq, "case".opened_at, "case".opened_seq, "case".version, "case".seq, '
        '"case".last_at, "case".opened_by, "case".iteration, "case".remembered, "case".fields, '
        '"case".fired, "case".done, "case".acted, "case".baseline, "case".marks, "case".head FROM "case" '
        'WHERE "case"."key" IN (SELECT anon_1.value FROM json_each(:keys) AS anon_1) ORDER BY '
        '"case".number'
    ),
    "cases_page": (
        'SELECT "case"."key", "case".number, "case".kind, "case".title, "case".workflow, '
        '"case".definition, "case".state, "case".stage, "case".final, "case".entered_at, '
        '"case".entered_seq, "case".opened_at, "case".opened_seq, "case".version, "case".seq, '
        '"case".last_at, "case".opened_by, "case".iteration, "case".remembered, "case".fields, '
        '"case".fired, "case".done, "case".acted, "case".baseline, "case".marks, "case".head FROM "case" '
        'WHERE "case"."key" != \'_admin\' AND {where} ORDER BY "case".number LIMIT :limit OFFSET 0'
    ),
    "evidence_of": (
        'SELECT evidence."case", evidence.id, evidence.place, evidence.kind, evidence."key", '
        'evidence.version, evidence.digest, evidence.fields, evidence.attached_at, '
        'evidence.attached_seq, evidence."by", evidence.changed_by, evidence.kind_digest, evidence.seal, '
        'evidence.size, evidence.name FROM evidence WHERE evidence."case" IN (SELECT anon_1.value FROM '
        'json_each(:keys) AS anon_1) ORDER BY evidence."case", evidence.place'
    ),
    "signoff_of": (
        'SELECT signoff."case", signoff.name, signoff.person, signoff.place, signoff."set", '
        'signoff."key", signoff.acting_for, signoff.role, signoff.verdict, signoff.at, signoff.seq, '
        'signoff.covers, signoff.material, signoff.assurance, signoff.grants, signoff.void_reason, '
        'signoff.void_seq, signoff.withdrawn FROM signoff WHERE signoff."case" IN (SELECT anon_1.value '
        'FROM json_each(:keys) AS anon_1) ORDER BY signoff."case", signoff.place'
    ),
    "staffing_of": (
        'SELECT staffing."case", staffing.role, staffing.person, staffing.place FROM staffing WHERE '
        'staffing."case" IN (SELECT anon_1.value FROM json_each(:keys) AS anon_1) ORDER BY '
        'staffing."case", staffing.place'
    ),
    "obligation_of": (
        'SELECT obligation."case", obligation.id, obligation.place, obligation.text, obligation.owner, '
        'obligation.due, obligation.guard, obligation.at, obligation.seq, obligation.settled_at, '
        'obligation.settled_seq FROM obligation WHERE obligation."case" IN (SELECT anon_1.value FROM '
        'json_each(:keys) AS anon_1) ORDER BY obligation."case", obligation.place'
    ),
    "waiver_of": (
        'SELECT waiver."case", waiver.guard, waiver.place, waiver.until, waiver."by", waiver.at, '
        'waiver.seq FROM waiver WHERE waiver."case" IN (SELECT anon_1.value FROM json_each(:keys) AS '
        'anon_1) ORDER BY waiver."case", waiver.place'
    ),
    "head": (
        'SELECT "case".head FROM "case" WHERE "case"."key" = :key'
    ),
    "keys": (
        'SELECT "case"."key" FROM "case" ORDER BY "case".number DESC LIMIT :limit OFFSET 0'
    ),
    "next_number": (
        'SELECT coalesce(max(CAST(substr("case"."key", length(:prefix) + 1) AS INTEGER)), 0) + 1 AS '
        'number FROM "case" WHERE "case"."key" >= :prefix AND substr("case"."key", 1, (length(:prefix) + '
        '1) - 1) = :prefix AND (substr("case"."key", length(:prefix) + 1) NOT GLOB \'*[^0-9]*\') AND '
        'length(substr("case"."key", length(:prefix) + 1)) BETWEEN 1 AND 15'
    ),
    "find": (
        'SELECT "case"."key" AS "case", \'title\' AS "where", "case".title AS content FROM "case" WHERE '
        '"case"."key" != \'_admin\' AND instr(casefold("case".title), :text) > 0 UNION ALL SELECT '
        'evidence."case", \'evidence \' || evidence.id AS "where", CAST(leaf.atom AS TEXT) AS content FROM '
        "evidence JOIN json_tree(evidence.fields) AS leaf ON 1 = 1 WHERE leaf.type IN ('text', "
        '\'integer\') AND instr(casefold(leaf.atom), :text) > 0 UNION ALL SELECT event."case", \'note\' AS '
        '"where", text.content AS content FROM event JOIN text ON event."case" = text."case" AND '
        "event.seq = text.seq WHERE event.kind = 'note' AND instr(casefold(text.content), :text) > 0 "
        'LIMIT :limit OFFSET 0'
    ),
    "case_kind": (
        '"case".kind = :kind'
    ),
    "case_stage": (
        '"case".stage = :stage'
    ),
    "case_state": (
        '"case".state = :state'
    ),
    "case_final": (
        '"case".final = :final'
    ),
    "case_after": (
        '"case".number > :after'
    ),
    "case_text": (
        'instr(casefold("case".title), :text) > 0 OR "case"."key" IN (SELECT evidence."case" FROM '
        "evidence JOIN json_tree(evidence.fields) AS leaf ON 1 = 1 WHERE leaf.type IN ('text', "
        '\'integer\') AND instr(casefold(leaf.atom), :text) > 0) OR "case"."key" IN (SELECT event."case" '
        'FROM event JOIN text ON event."case" = text."case" AND event.seq = text.seq WHERE event.kind = '
        "'note' AND instr(casefold(text.content), :text) > 0)"
    ),
    "history_page": (
        'SELECT page.at, page."case", page.seq, page.hash, page.prev, page.body, text.name, text.content '
        'FROM (SELECT event.at AS at, event."case" AS "case", event.seq AS seq, event.hash AS hash, '
        'event.prev AS prev, event.body AS body FROM event WHERE {where} ORDER BY event.at, '
        'event."case", event.seq LIMIT :limit OFFSET 0) AS page LEFT OUTER JOIN text ON text."case" = '
        'page."case" AND text.seq = page.seq ORDER BY page.at, page."case", page.seq, text.name'
    ),
    "events": (
        'SELECT event.at, event."case", event.seq, event.hash, event.prev, event.body, text.name, '
        'text.content FROM event LEFT OUTER JOIN text ON text."case" = event."case" AND text.seq = '
        'event.seq WHERE event."case" = :case ORDER BY event.seq, text.name'
    ),
    "by_request": (
        'SELECT event.at, event."case", event.seq, event.hash, event.prev, event.body, text.name, '
        'text.content FROM event LEFT OUTER JOIN text ON text."case" = event."case" AND text.seq = '
        'event.seq WHERE event.request_id = :request_id ORDER BY text.name'
    ),
    "event_case": (
        'event."case" = :case'
    ),
    "event_trigger": (
        'event."trigger" = :trigger'
    ),
    "event_kind": (
        'event.kind = :kind'
    ),
    "event_outcome": (
        'event.outcome = :outcome'
    ),
    "event_refused": (
        "event.outcome = 'refused'"
    ),
    "event_person": (
        'event.actor = :person OR event.acting_for = :person OR event.entered_by = :person'
    ),
    "event_state": (
        'event.source = :state OR event.target = :state'
    ),
    "event_since": (
        'event.at >= :since'
    ),
    "event_until": (
        'event.at <= :until'
    ),
    "event_after": (
        '(event.at, event."case", event.seq) > (:at, :after_case, :seq)'
    ),
    "denied_since": (
        'SELECT 1 AS found FROM event WHERE event.kind = \'denied\' AND event."case" = :case AND '
        'event.actor = :actor AND event."trigger" = :trigger AND event.at >= :since LIMIT 1 OFFSET 0'
    ),
    "persons": (
        'SELECT person.id, person.name, person.email, person.zone, person.active, account.account FROM '
        'person LEFT OUTER JOIN account ON person.id = account.person ORDER BY person.id, account.place'
    ),
    "persons_of_roles": (
        'SELECT person.id, person.name, person.email, person.zone, person.active, account.account FROM '
        'person LEFT OUTER JOIN account ON person.id = account.person WHERE person.id IN (SELECT '
        'grant.person FROM grant WHERE grant.role IN (SELECT anon_1.value FROM json_each(:roles) AS '
        'anon_1) UNION ALL SELECT grant.from_person FROM grant WHERE grant.role IN (SELECT anon_1.value '
        'FROM json_each(:roles) AS anon_1)) ORDER BY person.id, account.place'
    ),
    "person": (
        'SELECT person.id, person.name, person.email, person.zone, person.active, account.account FROM '
        'person LEFT OUTER JOIN account ON person.id = account.person WHERE person.id = :id ORDER BY '
        'person.id, account.place'
    ),
    "person_of": (
        'SELECT person.id, person.name, person.email, person.zone, person.active, account.account FROM '
        'person LEFT OUTER JOIN account ON person.id = account.person WHERE person.id = (SELECT '
        'account.person FROM account WHERE account.account = :account) ORDER BY person.id, account.place'
    ),
    "grants": (
        'SELECT grant.id, grant.person, grant.role, grant."by", grant.starts, grant."case", grant.ends, '
        'grant.from_person, grant.revoked, grant.for_cause FROM grant ORDER BY grant.starts, grant.id'
    ),
    "grants_of_roles": (
        'SELECT grant.id, grant.person, grant.role, grant."by", grant.starts, grant."case", grant.ends, '
        'grant.from_person, grant.revoked, grant.for_cause FROM grant WHERE grant.role IN (SELECT '
        'anon_1.value FROM json_each(:roles) AS anon_1) ORDER BY grant.starts, grant.id'
    ),
    "delete_accounts": (
        'DELETE FROM account WHERE account.person = :id'
    ),
    "definitions": (
        'SELECT definition.digest, definition.kind, definition.name, definition.version, '
        'definition.content, definition.adopted_at, definition.adopted_by, definition.in_force FROM '
        'definition ORDER BY definition.adopted_at, definition.kind, definition.name'
    ),
    "definitions_of": (
        'SELECT definition.digest, definition.kind, definition.name, definition.version, '
        'definition.content, definition.adopted_at, definition.adopted_by, definition.in_force FROM '
        'definition WHERE definition.kind = :kind ORDER BY definition.adopted_at, definition.kind, '
        'definition.name'
    ),
    "definition": (
        'SELECT definition.digest, definition.kind, definition.name, definition.version, '
        'definition.content, definition.adopted_at, definition.adopted_by, definition.in_force FROM '
        'definition WHERE definition.digest = :digest ORDER BY definition.adopted_at, definition.kind, '
        'definition.name'
    ),
    "definitions_in_force": (
        'SELECT definition.digest, definition.kind, definition.name, definition.version, '
        'definition.content, definition.adopted_at, definition.adopted_by, definition.in_force FROM '
        'definition WHERE definition.kind = :kind AND definition.in_force = 1 ORDER BY '
        'definition.adopted_at, definition.kind, definition.name'
    ),
    "set_aside": (
        'UPDATE definition SET in_force=0 WHERE definition.kind = :kind_ AND definition.name = :name_ '
        'AND definition.in_force = 1'
    ),
    "insert_case": (
        'INSERT INTO "case" ("key", number, kind, title, workflow, definition, state, stage, final, '
        'entered_at, entered_seq, opened_at, opened_seq, version, seq, last_at, opened_by, iteration, '
        'remembered, fields, fired, done, acted, baseline, marks, head) VALUES (:key, (SELECT '
        'coalesce(max("case".number), 0) + 1 AS anon_1 FROM "case"), :kind, :title, :workflow, '
        ':definition, :state, :stage, :final, :entered_at, :entered_seq, :opened_at, :opened_seq, '
        ':version, :seq, :last_at, :opened_by, :iteration, :remembered, :fields, :fired, :done, :acted, '
        ':baseline, :marks, :head) ON CONFLICT DO NOTHING'
    ),
    "update_case": (
        'UPDATE "case" SET kind=:kind, title=:title, workflow=:workflow, definition=:definition, '
        'state=:state, stage=:stage, final=:final, entered_at=:entered_at, entered_seq=:entered_seq, '
        'version=:version, seq=:seq, last_at=:last_at, iteration=:iteration, remembered=:remembered, '
        'fields=:fields, fired=:fired, done=:done, acted=:acted, baseline=:baseline, marks=:marks, '
        'head=:head WHERE "case"."key" = :key_ AND "case".version = :seen_version AND "case".seq = '
        ':seen_seq'
    ),
    "claim_case": (
        'SELECT "case".head FROM "case" WHERE "case"."key" = :key_ AND "case".version = :seen_version '
        'AND "case".seq = :seen_seq'
    ),
    "insert_event": (
        'INSERT INTO event ("case", seq, at, recorded_at, actor, acting_for, entered_by, assurance, '
        'kind, outcome, "trigger", source, target, definition, policy, request_id, hash, prev, body) '
        'VALUES (:case, :seq, :at, :recorded_at, :actor, :acting_for, :entered_by, :assurance, :kind, '
        ':outcome, :trigger, :source, :target, :definition, :policy, :request_id, :hash, :prev, :body)'
    ),
    "insert_text": (
        'INSERT INTO text ("case", seq, name, salt, content) VALUES (:case, :seq, :name, :salt, :content)'
    ),
    "insert_account": (
        'INSERT INTO account (account, person, place) VALUES (:account, :person, :place)'
    ),
    "put_evidence": (
        'INSERT INTO evidence ("case", id, place, kind, "key", version, digest, fields, attached_at, '
        'attached_seq, "by", changed_by, kind_digest, seal, size, name) VALUES (:case, :id, :place, '
        ':kind, :key, :version, :digest, :fields, :attached_at, :attached_seq, :by, :changed_by, '
        ':kind_digest, :seal, :size, :name) ON CONFLICT ("case", id) DO UPDATE SET place = '
        'excluded.place, kind = excluded.kind, "key" = excluded."key", version = excluded.version, '
        'digest = excluded.digest, fields = excluded.fields, attached_at = excluded.attached_at, '
        'attached_seq = excluded.attached_seq, "by" = excluded."by", changed_by = excluded.changed_by, '
        'kind_digest = excluded.kind_digest, seal = excluded.seal, size = excluded.size, name = '
        'excluded.name'
    ),
    "put_signoff": (
        'INSERT INTO signoff ("case", name, person, place, "set", "key", acting_for, role, verdict, at, '
        'seq, covers, material, assurance, grants, void_reason, void_seq, withdrawn) VALUES (:case, '
        ':name, :person, :place, :set, :key, :acting_for, :role, :verdict, :at, :seq, :covers, '
        ':material, :assurance, :grants, :void_reason, :void_seq, :withdrawn) ON CONFLICT ("case", name, '
        'person) DO UPDATE SET place = excluded.place, "set" = excluded."set", "key" = excluded."key", '
        'acting_for = excluded.acting_for, role = excluded.role, verdict = excluded.verdict, at = '
        'excluded.at, seq = excluded.seq, covers = excluded.covers, material = excluded.material, '
        'assurance = excluded.assurance, grants = excluded.grants, void_reason = excluded.void_reason, '
        'void_seq = excluded.void_seq, withdrawn = excluded.withdrawn'
    ),
    "put_staffing": (
        'INSERT INTO staffing ("case", role, person, place) VALUES (:case, :role, :person, :place) ON '
        'CONFLICT ("case", role, person) DO UPDATE SET place = excluded.place'
    ),
    "put_obligation": (
        'INSERT INTO obligation ("case", id, place, text, owner, due, guard, at, seq, settled_at, '
        'settled_seq) VALUES (:case, :id, :place, :text, :owner, :due, :guard, :at, :seq, :settled_at, '
        ':settled_seq) ON CONFLICT ("case", id) DO UPDATE SET place = excluded.place, text = '
        'excluded.text, owner = excluded.owner, due = excluded.due, guard = excluded.guard, at = '
        'excluded.at, seq = excluded.seq, settled_at = excluded.settled_at, settled_seq = '
        'excluded.settled_seq'
    ),
    "put_waiver": (
        'INSERT INTO waiver ("case", guard, place, until, "by", at, seq) VALUES (:case, :guard, :place, '
        ':until, :by, :at, :seq) ON CONFLICT ("case", guard) DO UPDATE SET place = excluded.place, until '
        '= excluded.until, "by" = excluded."by", at = excluded.at, seq = excluded.seq'
    ),
    "put_person": (
        'INSERT INTO person (id, name, email, zone, active) VALUES (:id, :name, :email, :zone, :active) '
        'ON CONFLICT (id) DO UPDATE SET name = excluded.name, email = excluded.email, zone = '
        'excluded.zone, active = excluded.active'
    ),
    "put_grant": (
        'INSERT INTO grant (id, person, role, "by", starts, "case", ends, from_person, revoked, '
        'for_cause) VALUES (:id, :person, :role, :by, :starts, :case, :ends, :from_person, :revoked, '
        ':for_cause) ON CONFLICT (id) DO UPDATE SET person = excluded.person, role = excluded.role, "by" '
        '= excluded."by", starts = excluded.starts, "case" = excluded."case", ends = excluded.ends, '
        'from_person = excluded.from_person, revoked = excluded.revoked, for_cause = excluded.for_cause'
    ),
    "put_definition": (
        'INSERT INTO definition (digest, kind, name, version, content, adopted_at, adopted_by, in_force) '
        'VALUES (:digest, :kind, :name, :version, :content, :adopted_at, :adopted_by, :in_force) ON '
        'CONFLICT (digest) DO UPDATE SET kind = excluded.kind, name = excluded.name, version = '
        'excluded.version, content = excluded.content, adopted_at = excluded.adopted_at, adopted_by = '
        'excluded.adopted_by, in_force = excluded.in_force'
    ),
    "delete_evidence": (
        'DELETE FROM evidence WHERE evidence."case" = :case_ AND evidence.id = :id_'
    ),
    "delete_signoff": (
        'DELETE FROM signoff WHERE signoff."case" = :case_ AND signoff.name = :name_ AND signoff.person '
        '= :person_'
    ),
    "delete_staffing": (
        'DELETE FROM staffing WHERE staffing."case" = :case_ AND staffing.role = :role_ AND '
        'staffing.person = :person_'
    ),
    "delete_obligation": (
        'DELETE FROM obligation WHERE obligation."case" = :case_ AND obligation.id = :id_'
    ),
    "delete_waiver": (
        'DELETE FROM waiver WHERE waiver."case" = :case_ AND waiver.guard = :guard_'
    ),
    "insert_outbox": (
        'INSERT INTO outbox ("case", id, kind, payload, created_at) VALUES (:case, :id, :kind, :payload, '
        ':created_at) ON CONFLICT DO NOTHING'
    ),
}
