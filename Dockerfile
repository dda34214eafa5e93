# An image that takes the place of rabbitmq:management in a docker run line or a compose file:
#   docker build -t warren . && docker run -d --name rabbitmq -p 5672:5672 -p 15672:15672 -p 61613:61613 warren
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
ARG TARGETARCH=amd64
WORKDIR /source
COPY . .
RUN ./publish.sh "linux-$(echo "$TARGETARCH" | sed s/amd64/x64/)" /out

FROM mcr.microsoft.com/dotnet/runtime-deps:10.0
RUN groupadd --system --gid 999 rabbitmq \
 && useradd --system --uid 999 --gid rabbitmq --home-dir /var/lib/warren rabbitmq \
 && mkdir -p /etc/warren/conf.d /etc/rabbitmq/conf.d /var/lib/warren /var/log/rabbitmq \
 && ln -s /var/lib/warren /var/lib/rabbitmq \
 # as in RabbitMQ's image: the users of its virtual network are let in, and the log goes to standard output
 && printf 'loopback_users.guest = false\nlog.console = true\n' > /etc/rabbitmq/conf.d/10-defaults.conf \
 && rmdir /etc/warren/conf.d \
 && chown -R rabbitmq:rabbitmq /etc/rabbitmq /etc/warren /var/lib/warren /var/log/rabbitmq
COPY --from=build /out/warren /usr/local/bin/warren
RUN ln -s warren /usr/local/bin/rabbitmq-server
ENV WARREN_DATA_DIR=/var/lib/warren
USER rabbitmq
VOLUME /var/lib/warren
EXPOSE 5671 5672 15671 15672 15674 15675 15691 15692 1883 8883 61613 61614 5552
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/warren"]
CMD ["server"]
