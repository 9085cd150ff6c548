package main

func Example() {
	main()
	// Output:
	// 18 Nov 12:00 accepted I99; 1200023305967 registered to AVRO from 2021-11-01T00:00:00Z; world 8
	// 22 Nov 01:00 accepted I99 (advice: not authorised); 1200023305967 registered to AVRO from 2021-11-01T00:00:00Z; world 9
	// 22 Nov 03:00 rejected E4: MPID moved (advice: not authorised); 1200023305967 registered to AVRO from 2021-11-01T00:00:00Z; world 10
	// breach of R4, R6, R7, R8, R11: transfer MPID AVRO
}
