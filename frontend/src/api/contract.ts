// What the API gives and takes, in the words of its description.

export type TokenStatus = "active" | "disabled" | "expired" | "superseded" | "revoking" | "revoked";

export interface Token {
  id: string;
  name: string | null;
  display: string | null;
  kind: "native" | "seed";
  status: TokenStatus;
  scopes: string[];
  created_at: string;
  created_by: string | null;
  expires_at: string | null;
  last_used_at: string | null;
  disabled_at: string | null;
  rotated_from: string | null;
  rotated_to: string | null;
  grace_until: string | null;
  revoke_at?: string | null;
  revoked_at?: string | null;
  revoked_by?: string | null;
  networks?: string[];
  hosts?: string[];
  paths?: string[];
  methods?: string[];
  owner?: string;
}

/** A new key: the only place where its text ever stands. */
export interface MintedToken extends Token {
  token: string;
}

export interface Limits {
  expiry_preset_days: number[];
  expiry_default_days: number | null;
  expiry_max_days: number | null;
  per_owner_max: number;
}

export interface Me {
  subject: string;
  owner: string;
  realm: string;
  tenant: string;
  groups: string[];
  scopes: string[];
  admin: boolean;
  method: string;
  key_id: string | null;
  provider?: string | null;
  name: string | null;
  email: string | null;
  limits: Limits;
  scopes_grantable?: string[];
}

export interface Ways {
  password: boolean;
  dev_user: boolean;
  providers: { id: string; name: string }[];
}

export interface SessionState {
  signed_in: boolean;
  me: Me | null;
  csrf: string | null;
  session: { id: string; created_at: string; expires_at: string; idle_expires_at: string } | null;
  must_change_password: boolean;
  ways: Ways;
}

export interface SignedIn {
  return_to: string;
  must_change_password: boolean;
}

export interface BrowserSession {
  id: string;
  current: boolean;
  browser: string | null;
  system: string | null;
  user_agent: string | null;
  address: string | null;
  method: string;
  provider: string | null;
  created_at: string;
  last_seen_at: string;
  expires_at: string;
}

export interface FrontendConfig {
  app_name: string;
  api_base_url: string | null;
  docs_html: string | null;
  api_docs_path: string;
  logo_url?: string | null;
  accent_color?: string | null;
  session_idle_seconds?: number;
  languages?: string[];
}

export interface ScopeOffer {
  name: string;
  description: string | null;
  grantable: boolean;
}

export interface GateRule {
  allow: string;
  credentials: string[];
  scopes: string[];
  any_scopes: string[];
  groups: string[];
  any_groups: string[];
  hosts: string[];
  paths: string[];
  methods: string[];
  networks: string[];
}

export interface Gate {
  name: string;
  credentials: string[];
  rules: GateRule[];
}

export interface TokenDraft {
  name: string;
  expires_at?: string;
  expires_in_days?: number;
  scopes: string[];
  networks?: string[];
  hosts?: string[];
  paths?: string[];
  methods?: string[];
}

export interface TokenEdit {
  name?: string;
  expires_at?: string;
  scopes?: string[];
  disabled?: boolean;
  networks?: string[];
  hosts?: string[];
  paths?: string[];
  methods?: string[];
}

export type Overlap = "0" | "1h" | "24h" | "7d";

export interface UsageHour {
  at: string;
  allowed: number;
  refused: Record<string, number>;
}

export interface UsageDay {
  date: string;
  allowed: number;
  refused: number;
}

export interface Usage {
  today: { allowed: number; refused: number; networks: number };
  hours: UsageHour[];
  days: UsageDay[];
  networks: { network: string; last_seen_at: string; count: number }[];
}

export interface AuditEvent {
  id: string;
  /** `null` where the record cannot be read. */
  at: string | null;
  action: string;
  actor: string | null;
  owner: string | null;
  key_id: string | null;
  session_id: string | null;
  address: string | null;
  request_id: string | null;
  details: Record<string, string>;
}

export interface Person {
  owner: string;
  name: string | null;
  email: string | null;
  groups: string[];
  admin: boolean;
  disabled: boolean;
  seen_at: string | null;
  keys: number;
}

export interface Account {
  username: string;
  owner: string;
  name: string | null;
  email: string | null;
  groups: string[];
  admin: boolean;
  /** `active`, `disabled`, `invited` or `locked`. */
  status: string;
  must_change_password: boolean;
  created_at: string;
  last_sign_in_at: string | null;
  link_expires_at: string | null;
}

export interface AccountDraft {
  username: string;
  name?: string;
  email?: string;
  groups: string[];
  admin: boolean;
}

export interface AccountEdit {
  name?: string | null;
  email?: string | null;
  groups?: string[];
  admin?: boolean;
  disabled?: boolean;
  must_change_password?: boolean;
}

export interface OneTimeLink {
  url: string;
  expires_at: string;
}

export interface BulkRevoked {
  matched: number;
  revoked: number;
  ids: string[];
  dry_run: boolean;
}

export interface GateQuestion {
  method?: string;
  url?: string;
  key_id?: string;
  owner?: string;
  address?: string;
}

export interface RuleTrial {
  result: string;
  fact?: string;
  reason?: string;
}

export interface Explanation {
  outcome: string;
  reason: string | null;
  rule: number | null;
  text: string;
  wanted_scopes: string[];
  rules: RuleTrial[];
  headers: { name: string; value: string }[];
}

export interface IssuerHealth {
  realm: string;
  issuer: string;
  status: string;
  detail: string | null;
  keys_age_seconds: number | null;
  usable_keys: number;
  down_since: string | null;
  last_error: string | null;
  warnings: string[];
}

export interface ServiceHealth {
  version: string;
  ready: boolean;
  running_seconds: number;
  parts: { name: string; status: string; detail: string | null }[];
  store: { description: string | null; fine: string[]; warnings: string[]; error: string | null };
  issuers: IssuerHealth[];
  salts: { id: string; active: boolean; accepted: boolean; keys: number }[];
  untrusted_keys: number;
  complete: boolean;
}
