-- A database of version 2: one conversation of three finished turns.
CREATE TABLE conversations (
	id VARCHAR NOT NULL, 
	mode VARCHAR NOT NULL, 
	title VARCHAR NOT NULL, 
	created FLOAT NOT NULL, 
	updated FLOAT NOT NULL, 
	options JSON NOT NULL, 
	PRIMARY KEY (id)
);
CREATE INDEX conversations_by_mode ON conversations (mode, updated);
CREATE INDEX conversations_by_update ON conversations (updated);
CREATE TABLE runs (
	id VARCHAR NOT NULL, 
	conversation VARCHAR NOT NULL, 
	status VARCHAR NOT NULL, 
	model VARCHAR NOT NULL, 
	started FLOAT NOT NULL, 
	ended FLOAT, 
	prompt_tokens INTEGER NOT NULL, 
	completion_tokens INTEGER NOT NULL, 
	seconds FLOAT NOT NULL, 
	cost FLOAT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(conversation) REFERENCES conversations (id)
);
CREATE UNIQUE INDEX one_live_run ON runs (conversation) WHERE ended IS NULL;
CREATE INDEX runs_by_conversation ON runs (conversation, started);
CREATE TABLE said (
	id INTEGER NOT NULL, 
	conversation VARCHAR NOT NULL, 
	seq INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(conversation) REFERENCES conversations (id)
);
CREATE UNIQUE INDEX said_by_place ON said (conversation, seq);
CREATE TABLE events (
	conversation VARCHAR NOT NULL, 
	seq INTEGER NOT NULL, 
	run VARCHAR NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (conversation, seq), 
	FOREIGN KEY(conversation) REFERENCES conversations (id), 
	FOREIGN KEY(run) REFERENCES runs (id)
)
 WITHOUT ROWID;
CREATE TABLE partials (
	run VARCHAR NOT NULL, 
	position INTEGER NOT NULL, 
	source VARCHAR NOT NULL, 
	text TEXT NOT NULL, 
	PRIMARY KEY (run, position), 
	FOREIGN KEY(run) REFERENCES runs (id)
)
 WITHOUT ROWID;
CREATE TABLE snapshots (
	conversation VARCHAR NOT NULL, 
	seq INTEGER NOT NULL, 
	run VARCHAR NOT NULL, 
	patch JSON NOT NULL, 
	PRIMARY KEY (conversation, seq), 
	FOREIGN KEY(conversation) REFERENCES conversations (id), 
	FOREIGN KEY(run) REFERENCES runs (id)
);
CREATE VIEW said_text AS
    SELECT said.id, said.conversation, said.seq, coalesce(json_extract(events.body, '$.text'), conversations.title) AS text
    FROM said JOIN conversations ON conversations.id = said.conversation
    LEFT JOIN events ON events.conversation = said.conversation AND events.seq = said.seq;
CREATE VIRTUAL TABLE said_words USING fts5(
        text, content='said_text', content_rowid='id', tokenize="unicode61 remove_diacritics 2", prefix='2 3'
    );
INSERT INTO conversations VALUES ('c1', 'assistant', 'One', 1.79535537258615899083e+09, 1.79535537259722495083e+09, '{"model": null, "use_cache": false}');
INSERT INTO runs VALUES ('r1', 'c1', 'finished', 'demo', 1.79535537258618402484e+09, 1.79535537259052205088e+09, 0, 0, 0.0, NULL);
INSERT INTO runs VALUES ('r2', 'c1', 'finished', 'demo', 1.79535537259476709369e+09, 1795355372.5959, 0, 0, 0.0, NULL);
INSERT INTO runs VALUES ('r3', 'c1', 'finished', 'demo', 1.79535537259723401064e+09, 1.79535537259813189506e+09, 0, 0, 0.0, NULL);
INSERT INTO events VALUES ('c1', 1, 'r1', '{"source":"user","time":"2026-11-22T13:49:32.586159Z","type":"user_message","text":"One"}');
INSERT INTO events VALUES ('c1', 2, 'r1', '{"source":"roundtable","time":"2026-11-22T13:49:32.586184Z","type":"run_started","model":"demo"}');
INSERT INTO events VALUES ('c1', 3, 'r1', '{"source":"assistant","time":"2026-11-22T13:49:32.590508Z","type":"agent_message","text":"One!","usage":null,"is_partial":false}');
INSERT INTO events VALUES ('c1', 4, 'r1', '{"source":"roundtable","time":"2026-11-22T13:49:32.590522Z","type":"run_ended","status":"finished","reason":"","seconds":0.0,"usage":{"prompt_tokens":0,"completion_tokens":0},"cost":null,"is_from_cache":false,"is_refused":false}');
INSERT INTO events VALUES ('c1', 5, 'r2', '{"source":"user","time":"2026-11-22T13:49:32.594757Z","type":"user_message","text":"Two"}');
INSERT INTO events VALUES ('c1', 6, 'r2', '{"source":"roundtable","time":"2026-11-22T13:49:32.594767Z","type":"run_started","model":"demo"}');
INSERT INTO events VALUES ('c1', 7, 'r2', '{"source":"assistant","time":"2026-11-22T13:49:32.595893Z","type":"agent_message","text":"Two!","usage":null,"is_partial":false}');
INSERT INTO events VALUES ('c1', 8, 'r2', '{"source":"roundtable","time":"2026-11-22T13:49:32.595900Z","type":"run_ended","status":"finished","reason":"","seconds":0.0,"usage":{"prompt_tokens":0,"completion_tokens":0},"cost":null,"is_from_cache":false,"is_refused":false}');
INSERT INTO events VALUES ('c1', 9, 'r3', '{"source":"user","time":"2026-11-22T13:49:32.597225Z","type":"user_message","text":"Three"}');
INSERT INTO events VALUES ('c1', 10, 'r3', '{"source":"roundtable","time":"2026-11-22T13:49:32.597234Z","type":"run_started","model":"demo"}');
INSERT INTO events VALUES ('c1', 11, 'r3', '{"source":"assistant","time":"2026-11-22T13:49:32.598126Z","type":"agent_message","text":"Three!","usage":null,"is_partial":false}');
INSERT INTO events VALUES ('c1', 12, 'r3', '{"source":"roundtable","time":"2026-11-22T13:49:32.598132Z","type":"run_ended","status":"finished","reason":"","seconds":0.0,"usage":{"prompt_tokens":0,"completion_tokens":0},"cost":null,"is_from_cache":false,"is_refused":false}');
INSERT INTO snapshots VALUES ('c1', 4, 'r1', '{"value": {"messages": ["One"]}}');
INSERT INTO snapshots VALUES ('c1', 8, 'r2', '{"set": {"messages": {"keep": 1, "add": ["Two"]}}, "drop": []}');
INSERT INTO snapshots VALUES ('c1', 12, 'r3', '{"set": {"messages": {"keep": 2, "add": ["Three"]}}, "drop": []}');
INSERT INTO said VALUES (1, 'c1', 1);
INSERT INTO said VALUES (2, 'c1', 3);
INSERT INTO said VALUES (3, 'c1', 5);
INSERT INTO said VALUES (4, 'c1', 7);
INSERT INTO said VALUES (5, 'c1', 9);
INSERT INTO said VALUES (6, 'c1', 11);
INSERT INTO said_words (rowid, text) SELECT id, text FROM said_text;
PRAGMA user_version = 2;
