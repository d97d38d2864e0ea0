# The pages, then the static binary, then nothing but the binary.
FROM node:22-bookworm-slim AS page
WORKDIR /src/api/web
COPY api/web/package.json api/web/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY api/web ./
RUN npm run build

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=page /src/api/web/dist api/web/dist
ARG VERSION=dev
RUN CGO_ENABLED=0 GOAMD64=v1 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /riskatlas ./cmd/riskatlas
RUN mkdir /data

FROM scratch
COPY --from=build /riskatlas /riskatlas
COPY --from=build --chown=65534:65534 /data /data
USER 65534:65534
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s CMD ["/riskatlas", "healthcheck"]
ENTRYPOINT ["/riskatlas"]
CMD ["serve", "--listen", ":8080", "--store", "/data/city.gpkg"]
