-- What version 2 had beyond version 1.
CREATE INDEX conversations_by_mode ON conversations (mode, updated);
CREATE TABLE said (
	id INTEGER NOT NULL,
	conversation VARCHAR NOT NULL,
	seq INTEGER NOT NULL,
	PRIMARY KEY (id),
	FOREIGN KEY(conversation) REFERENCES conversations (id)
);
CREATE UNIQUE INDEX said_by_place ON said (conversation, seq);
CREATE VIEW said_text AS
    SELECT said.id, said.conversation, said.seq, coalesce(json_extract(events.body, '$.text'), conversations.title) AS text
    FROM said JOIN conversations ON conversations.id = said.conversation
    LEFT JOIN events ON events.conversation = said.conversation AND events.seq = said.seq;
CREATE VIRTUAL TABLE said_words USING fts5(
        text, content='said_text', content_rowid='id', tokenize="unicode61 remove_diacritics 2", prefix='2 3'
    );
