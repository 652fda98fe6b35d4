# The service as an image: `docker build --tag latchkey .`
#
# Slim rather than distroless: its tag names an exact version of Node, where those of distroless move, and it is what the
# package was built on. Nothing of it is needed but node: there is no shell in any command below the last FROM.
ARG NODE=22.23.3-bookworm-slim

FROM node:${NODE} AS build
WORKDIR /latchkey
RUN npm install --global pnpm@10.34.9
# What is fetched depends on the lockfile alone, so that a change of the code fetches nothing anew.
COPY pnpm-lock.yaml pnpm-workspace.yaml ./
RUN pnpm fetch
COPY . .
# With the workspace's packages copied in rather than linked, what is deployed has the versions of the lockfile.
RUN pnpm install --offline --frozen-lockfile \
  && pnpm build \
  && pnpm --config.inject-workspace-packages=true --filter @latchkey/http deploy --prod /app \
  && chmod 0755 /app/dist/cli/main.js \
  && ln -s /app/dist/cli/main.js /usr/local/bin/latchkey

FROM node:${NODE}
LABEL org.opencontainers.image.title="Latchkey" \
  org.opencontainers.image.description="An OAuth 2.0 authorization server for machines" \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.source="https://github.com/latchkey-oauth/latchkey"
COPY --from=build /app /app
COPY --from=build /usr/local/bin/latchkey /usr/local/bin/latchkey
COPY scripts/container-health.mjs /app/container-health.mjs
WORKDIR /app
# Every address of the container: what may come in is for whoever runs it to say. LATCHKEY_ISSUER is then required.
ENV NODE_ENV=production \
  LATCHKEY_HOST=0.0.0.0 \
  LATCHKEY_PORT=4000
EXPOSE 4000
# By number, so that Kubernetes can see that it is not root. Nothing is ever written to a file.
USER 1000:1000
# Whether the process answers, not whether its storage does: an orchestrator that starts it anew would not bring that back.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "/app/container-health.mjs", "live"]
STOPSIGNAL SIGTERM
# Without a shell around it, so that the signal reaches node. `docker run latchkey migrate` runs another command.
ENTRYPOINT ["node", "/app/dist/cli/main.js"]
CMD ["serve"]
