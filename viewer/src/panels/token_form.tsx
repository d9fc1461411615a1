import { useState } from "preact/hooks";
import type { App } from "../state/app.ts";

/** Asks for the server's token; it is kept in a cookie that scripts cannot read. */
export function TokenForm({ app }: { app: App }) {
  const [token, setToken] = useState("");
  const [fault, setFault] = useState("");
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      await app.api.signIn(token);
      setFault("");
      await app.attempt(app.load);
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <div class="veil">
      <form class="card" aria-label="Sign in" onSubmit={(event) => void submit(event)}>
        <h2>This server asks for a token</h2>
        <label>
          Token
          <input
            type="password"
            autocomplete="current-password"
            required
            autofocus
            value={token}
            onInput={(event) => setToken(event.currentTarget.value)}
          />
        </label>
        {fault !== "" && (
          <p class="fault" role="alert">
            {fault}
          </p>
        )}
        <button type="submit" class="main">
          Sign in
        </button>
      </form>
    </div>
  );
}
