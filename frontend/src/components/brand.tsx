import { useConfig } from "../lib/config";

/** The operator's name and logo. */
export function Brand() {
  const { app_name, logo_url } = useConfig();
  return (
    <a className="gl-brand" href="/">
      <img src={logo_url ?? "/icon.svg"} alt="" />
      <span>{app_name}</span>
    </a>
  );
}
