import "@mantine/core/styles.css";
import "./styles.css";
import { setNonce } from "get-nonce";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/app";
import { loadConfig } from "./lib/config";
import { speak, wishedLanguage } from "./lib/i18n";
import { styleNonce } from "./lib/nonce";

async function start(): Promise<void> {
  // What locks the scrolling behind a dialog makes a <style> of its own.
  setNonce(styleNonce());
  const [config] = await Promise.all([loadConfig(), speak(wishedLanguage(navigator.languages))]);
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
