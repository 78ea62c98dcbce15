# syntax=docker/dockerfile:1
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o /out/parley ./cmd/parley \
 && install -d -m 0700 /out/data

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/parley /usr/local/bin/parley
COPY --from=build --chown=nonroot:nonroot /out/data /data
# Beyond loopback Parley starts only once PARLEY_PUBLIC_URL says how it is reached.
ENV PARLEY_LISTEN=0.0.0.0:8080 PARLEY_DATA_DIR=/data PARLEY_LOG_FORMAT=json
VOLUME /data
EXPOSE 8080
ENTRYPOINT ["parley"]
CMD ["serve"]
