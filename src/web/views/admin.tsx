/** Admin: what keeps the archive going, for whoever has its token, and the history of that, for everyone. */
import { useEffect, useRef } from "preact/hooks";
import { ArchiveNow } from "../admin/archive-now.tsx";
import { Cleanup } from "../admin/cleanup.tsx";
import { Maintenance, Runs } from "../admin/history.tsx";
import { adminToken } from "../admin/session.ts";
import { SignIn } from "../admin/sign-in.tsx";
import { Verify } from "../admin/verify.tsx";
import { useFormats } from "../language/format.ts";
import { useTexts } from "../language/language.ts";
import { StatusDocument, type StatusQuery } from "../operations.ts";
import { Facts } from "../parts/facts.tsx";
import { Failed, Loading } from "../parts/states.tsx";
import { useStore } from "../store.ts";
import { useQuery } from "../use-query.ts";

export function Admin() {
  const { admin: texts } = useTexts();
  const token = useStore(adminToken);
  const tasks = useRef<HTMLDivElement>(null);
  const before = useRef(token);
  useEffect(() => {
    // The form that had the focus is gone: whoever signed in by keyboard goes on with what stands in its place.
    if (before.current === undefined) tasks.current?.focus();
    before.current = token;
  }, [token]);
  const { data, error, askAgain } = useQuery(StatusDocument, {});
  if (data === undefined) return error === undefined ? <Loading rem={48} /> : <Failed {...{ error, askAgain }} />;
  return (
    <section class="admin">
      <div class="view-head">
        <h1>{texts.heading}</h1>
        <p class="links">
          <a href="graphql">{texts.graphiql}</a>
          {token !== undefined && (
            <button type="button" class="link" onClick={() => adminToken.set(undefined)}>
              {texts.leave}
            </button>
          )}
        </p>
      </div>
      <Service service={data.status} />
      {token === undefined ? (
        <SignIn />
      ) : (
        <div class="tasks" ref={tasks} tabIndex={-1}>
          <ArchiveNow />
          <Cleanup retentionDays={data.status.retentionDays} />
          <Verify />
        </div>
      )}
      <Runs />
      <Maintenance />
    </section>
  );
}

function Service({ service }: { service: StatusQuery["status"] }) {
  const { admin: texts, now } = useTexts();
  const formats = useFormats();
  const { version, store, schedule, retentionDays } = service;
  const size = formats.bytes(store.bytes);
  return (
    <Facts
      facts={[
        { label: texts.version, value: version },
        {
          label: texts.store,
          value: formats.number(store.archives),
          small: store.freeBytes === null ? size : texts.kept(size, formats.bytes(store.freeBytes)),
        },
        { label: texts.schedule, value: <code>{schedule.pattern ?? texts.bySchedule}</code> },
        { label: texts.retention, value: retentionDays === -1 ? texts.forever : now.days(retentionDays) },
      ]}
    />
  );
}
