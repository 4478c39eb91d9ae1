-- Sign-ins at the OpenID provider that have begun. `browser` is the hash of a cookie, so that only the browser that
-- began one can end it. `session` is what must be known then: nonce, PKCE verifier.
create table sign_ins (
    state text primary key,
    browser bytea not null,
    next text not null,
    session text not null,
    expires_at timestamptz not null
);

-- Who is signed in. `id` is the hash of the session's cookie: who can read this table cannot take over a session.
create table sessions (
    id bytea primary key,
    viewer text not null,
    expires_at timestamptz not null
);
