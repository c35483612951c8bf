// Whose keys the components here are about: one's own, unless an administrator
// acts for somebody.

import { createContext, useContext } from "react";
import { segment } from "../../lib/client";

export interface Whose {
  /** Where their keys lie. */
  path: string;
  /** The owner, where it is somebody else. */
  owner: string | null;
}

export const MINE: Whose = { path: "/api/me/tokens", owner: null };

export function keysOf(owner: string): Whose {
  return { path: `/api/users/${segment(owner)}/tokens`, owner };
}

export const WhoseContext = createContext<Whose>(MINE);

export function useWhose(): Whose {
  return useContext(WhoseContext);
}
