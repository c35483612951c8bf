import "@mantine/core/styles.css";
import "./styles.css";
import { setNonce } from "get-nonce";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/app";
import { loadConfig } from "./lib/config";
import { offeredLanguages, speak, wishedLanguage } from "./lib/i18n";
import { styleNonce } from "./lib/nonce";

async function start(): Promise<void> {
  // What locks the scrolling behind a dialog makes a <style> of its own.
  setNonce(styleNonce());
  const likely = wishedLanguage(navigator.languages);
  const [config] = await Promise.all([loadConfig(), speak(likely)]);
  const language = wishedLanguage(navigator.languages, offeredLanguages(config.languages));
  if (language !== likely) await speak(language);
  const root = document.getElementById("root");
  if (root) {
    createRoot(root).render(
      <StrictMode>
        <App config={config} />
      </StrictMode>,
    );
  }
}

void start();
