// Compiles only while what the API gives, in its own description, is what
// these pages read. Nothing of it is ever bundled.

import type {
  Account,
  AuditEvent,
  BrowserSession,
  BulkRevoked,
  Explanation,
  FrontendConfig,
  Gate,
  Me,
  OneTimeLink,
  Person,
  ScopeOffer,
  ServiceHealth,
  SessionState,
  Token,
} from "./contract";
import type { components } from "./schema";

type Given = components["schemas"];
type Is<What extends Read, Read> = What;

export type Conforms = [
  Is<Given["Token"], Token>,
  Is<Given["Me"], Me>,
  Is<Given["SessionState"], SessionState>,
  Is<Given["SessionView"], BrowserSession>,
  Is<Given["ScopeView"], ScopeOffer>,
  Is<Given["GateView"], Gate>,
  Is<Given["Event"], AuditEvent>,
  Is<Given["User"], Person>,
  Is<Given["AccountBody"], Account>,
  Is<Given["LinkBody"], OneTimeLink>,
  Is<Given["BulkRevoked"], BulkRevoked>,
  Is<Given["ExplanationView"], Explanation>,
  Is<Given["HealthReport"], ServiceHealth>,
  Is<Given["FrontendConfig"], FrontendConfig>,
];
