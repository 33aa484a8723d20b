// Keeps what node-oidc-provider stores in one PostgreSQL table: the adapter that its documentation asks its users for.
import pg from "pg";

export const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 8 });

const CREATE = `CREATE TABLE IF NOT EXISTS oidc (
  model text, id text, grant_id text, uid text, user_code text,
  payload jsonb NOT NULL, expires_at timestamptz, consumed_at timestamptz, PRIMARY KEY (model, id));
CREATE INDEX IF NOT EXISTS oidc_grant ON oidc (model, grant_id) WHERE grant_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS oidc_uid ON oidc (uid) WHERE uid IS NOT NULL;
CREATE INDEX IF NOT EXISTS oidc_user_code ON oidc (user_code) WHERE user_code IS NOT NULL;
CREATE TABLE IF NOT EXISTS account (username text PRIMARY KEY, salt text NOT NULL, hash text NOT NULL)`;

export function migrate() {
  return pool.query(CREATE);
}

// Named statements: PostgreSQL parses and plans each once a connection
function run(name, text, values) {
  return pool.query({ name, text, values });
}

export async function account(username) {
  const { rows } = await run("account", "SELECT salt, hash FROM account WHERE username = $1", [username]);
  return rows[0];
}

function payloadOf({ rows: [row] }) {
  if (!row || (row.expires_at && row.expires_at < new Date())) return undefined;
  return row.consumed_at ? { ...row.payload, consumed: Math.floor(row.consumed_at / 1000) } : row.payload;
}

export class PostgresAdapter {
  constructor(model) {
    this.model = model;
  }

  async upsert(id, payload, expiresIn) {
    await run("upsert", `INSERT INTO oidc (model, id, grant_id, uid, user_code, payload, expires_at)
      VALUES ($1, $2, $3, $4, $5, $6, now() + $7 * interval '1 second')
      ON CONFLICT (model, id) DO UPDATE SET payload = excluded.payload, expires_at = excluded.expires_at`,
    [this.model, id, payload.grantId ?? null, payload.uid ?? null, payload.userCode ?? null, payload, expiresIn ?? null]);
  }

  async find(id) {
    return payloadOf(await run("find",
      "SELECT payload, expires_at, consumed_at FROM oidc WHERE model = $1 AND id = $2", [this.model, id]));
  }

  async findByUid(uid) {
    return payloadOf(await run("find_uid",
      "SELECT payload, expires_at, consumed_at FROM oidc WHERE model = $1 AND uid = $2", [this.model, uid]));
  }

  async findByUserCode(userCode) {
    return payloadOf(await run("find_user_code",
      "SELECT payload, expires_at, consumed_at FROM oidc WHERE model = $1 AND user_code = $2", [this.model, userCode]));
  }

  async consume(id) {
    await run("consume", "UPDATE oidc SET consumed_at = now() WHERE model = $1 AND id = $2", [this.model, id]);
  }

  async destroy(id) {
    await run("destroy", "DELETE FROM oidc WHERE model = $1 AND id = $2", [this.model, id]);
  }

  async revokeByGrantId(grantId) {
    await run("revoke", "DELETE FROM oidc WHERE model = $1 AND grant_id = $2", [this.model, grantId]);
  }
}
