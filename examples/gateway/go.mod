module github.com/seed-db8551c1/lastresort/examples/gateway

go 1.26.0

require go.etcd.io/bbolt v1.4.3

require golang.org/x/sys v0.29.0 // indirect
