import { createContext, useContext } from "react";
import type { FrontendConfig } from "../api/contract";
import { call } from "./client";

export const DEFAULT_CONFIG: FrontendConfig = {
  app_name: "Gatelodge",
  api_base_url: null,
  docs_html: null,
  api_docs_path: "/docs",
};

export const ConfigContext = createContext<FrontendConfig>(DEFAULT_CONFIG);

/** What the operator set. */
export function useConfig(): FrontendConfig {
  return useContext(ConfigContext);
}

/** A page without the operator's name is better than no page. */
export async function loadConfig(): Promise<FrontendConfig> {
  try {
    return { ...DEFAULT_CONFIG, ...(await call<FrontendConfig>("/frontend/config")) };
  } catch {
    return DEFAULT_CONFIG;
  }
}
